// What gr.HTML runs once for each pad: all of it is in the module pad.mjs, which is served as a file.
// Python may listen to "input", "release" and "clear": Gradio looks for their names in this text.
import(new URL(props.script, document.baseURI).href).then(({ open }) => open({ element, props, trigger, watch }));
