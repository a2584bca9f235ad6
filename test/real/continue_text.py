"""Goes on with a text as a person with Python would, and as `retable sample --json` did.

    python continue_text.py TRACKING_URI RUN SAMPLES

SAMPLES is what `retable sample RUN --json` printed, drawn at temperature 0. Three ways must lead to the same characters: plain onnxruntime on
the file, the model as `mlflow.onnx.load_model` gives it, and `mlflow.pyfunc` on whole texts, several at once.
"""

import json
import sys
from pathlib import Path

import mlflow
import mlflow.onnx
import mlflow.pyfunc
import numpy as np
import onnxruntime


def main(tracking_uri: str, run: str, samples_file: str) -> None:
    mlflow.set_tracking_uri(tracking_uri)
    uri = f"runs:/{run}/model"
    folder = Path(mlflow.artifacts.download_artifacts(uri))
    vocabulary = json.loads((folder / "vocabulary.json").read_text())["tokens"]
    samples = json.loads(Path(samples_file).read_text())["samples"]

    ways = {
        "onnxruntime": onnxruntime.InferenceSession(str(folder / "model.onnx")),
        "mlflow.onnx": onnxruntime.InferenceSession(mlflow.onnx.load_model(uri).SerializeToString()),
    }
    for way, session in ways.items():
        for sample in samples:
            prefix, expected = sample["prefix"], sample["text"]
            written = go_on(session, vocabulary, prefix, len(expected) - len(prefix))
            print(f"{way}: {written}")
            if written != expected:
                sys.exit(f"{way} goes on in another way than sample: {expected}")
    read_at_once(mlflow.pyfunc.load_model(uri), ways["onnxruntime"], vocabulary, samples)


def go_on(session: onnxruntime.InferenceSession, vocabulary: list[str], prefix: str, length: int) -> str:
    """Reads the prefix in one piece, then each character that it writes."""
    state = no_state(session, batch=1)
    text, unread = prefix, prefix
    for _ in range(length):
        logits, *after = session.run(None, {"input": indices(vocabulary, [unread]), **state})
        state = dict(zip(state, after))
        unread = vocabulary[int(np.argmax(logits[0, -1]))]
        text += unread
    return text


def read_at_once(model: mlflow.pyfunc.PyFuncModel, session, vocabulary: list[str], samples: list[dict]) -> None:
    """What is likeliest after every beginning of a text that the model wrote is the next character that it wrote."""
    shortest = min(len(sample["text"]) for sample in samples)
    texts = [sample["text"][:shortest] for sample in samples]
    answers = model.predict({"input": indices(vocabulary, texts), **no_state(session, batch=len(texts))})
    likeliest = np.argmax(answers["output"], axis=-1)
    for row, sample in enumerate(samples):
        begin = len(sample["prefix"])
        written = "".join(vocabulary[index] for index in likeliest[row, begin - 1 : -1])
        if written != texts[row][begin:]:
            sys.exit(f"mlflow.pyfunc, {len(texts)} texts at once: {written!r} where sample wrote {texts[row][begin:]!r}")
    print(f"mlflow.pyfunc: {len(texts)} texts of {shortest} characters at once")


def no_state(session: onnxruntime.InferenceSession, batch: int) -> dict[str, np.ndarray]:
    return {tensor.name: np.zeros([batch, *tensor.shape[1:]], np.float32) for tensor in session.get_inputs()[1:]}


def indices(vocabulary: list[str], texts: list[str]) -> np.ndarray:
    return np.array([[vocabulary.index(character) for character in text] for text in texts], np.int32)


if __name__ == "__main__":
    main(*sys.argv[1:])
