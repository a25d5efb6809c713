"""Train a small Keras net and convert it to ONNX by the words of docs/bring-a-net.md."""

import os
import subprocess
import sys
from pathlib import Path

KERAS = """\
import keras

keras.models.load_model("my_net.keras").export("saved")  # or my_net.h5
"""
SAVED = "python -m tf2onnx.convert --saved-model saved --output my_net.onnx"
LITE = "python -m tf2onnx.convert --tflite my_net.tflite --output my_net.onnx"
HERE = Path(__file__).resolve().parent


def main() -> None:
    import keras
    import tensorflow as tf
    from keras import layers

    (x, y), (x_test, y_test) = mnist()
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=128, epochs=2, verbose=2)
    print("correct of 10,000:", round(10_000 * model.evaluate(x_test, y_test, verbose=0)[1]))
    model.save("my_net.keras")
    Path("my_net.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    (HERE / "keras.tflite").write_bytes(Path("my_net.tflite").read_bytes())

    exec(KERAS, {})
    for command, kept in ((SAVED, "keras.onnx"), (LITE, "lite.onnx")):
        subprocess.run([sys.executable, *command.split()[1:]], check=True)
        (HERE / kept).write_bytes(Path("my_net.onnx").read_bytes())


def mnist():
    import gzip

    import numpy as np

    folder = Path(os.environ["MNIST_DIR"])

    def read(name, start, shape):
        return np.frombuffer(gzip.decompress((folder / name).read_bytes()), np.uint8, offset=start).reshape(shape)

    parts = []
    for part in ("train", "t10k"):
        images = read(f"{part}-images-idx3-ubyte.gz", 16, (-1, 28, 28, 1)).astype("float32") / 255
        parts.append((images, read(f"{part}-labels-idx1-ubyte.gz", 8, (-1,))))
    return parts


if __name__ == "__main__":
    main()
