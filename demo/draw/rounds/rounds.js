// The game is in the module game.mjs, which is served as a file. Python listens to "input".
import(new URL(props.script, document.baseURI).href).then(({ open }) => open({ element, props, trigger, watch }));
