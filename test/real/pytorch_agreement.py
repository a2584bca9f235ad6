"""The models of retable, written once more with PyTorch's own layers, on weights and batches that retable gives.

    python pytorch_agreement.py FOLDER

FOLDER/case.json says which model it is; FOLDER/given.safetensors holds `weights/NAME`, `INDEX/input` and `INDEX/target`, of sequences that are filled
up `INDEX/mask`, and what retable computed from them: `output`, `loss`, `gradient/NAME` of batch 0, and `after/NAME`, the parameters after a training step on every batch. Prints
the largest difference of each kind, relative to the largest number of the tensor where that is above 1, as JSON.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

# PyTorch's own order of the gates in its joined matrices, by the names that retable's equations have.
ORDER = {"rnn": [""], "gru": ["r", "z", "g"], "lstm": ["i", "f", "g", "o"]}
# The order in the joined matrices of tf.layers.
KERAS_ORDER = {"rnn": [""], "gru": ["z", "r", "g"], "lstm": ["i", "f", "g", "o"]}


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    case = json.loads((folder / "case.json").read_text())
    given = read_safetensors(folder / "given.safetensors")
    model = Model(case, under(given, "weights/"))

    output, _ = model.forward(batch_input(case, given, 0), None, given.get("0/mask"))
    loss = model.loss(output, given["0/target"], given.get("0/mask"))
    gradients = dict(zip(model.weights, torch.autograd.grad(loss, model.weights.values())))
    model.train([(batch_input(case, given, i), given[f"{i}/target"], given.get(f"{i}/mask")) for i in range(case["steps"])])

    largest = lambda ours, theirs: max((distance(ours[name], theirs[name]), name) for name in theirs)
    print(
        json.dumps(
            {
                "torch": torch.__version__,
                "output": distance(there(given["output"], given.get("0/mask")), there(output, given.get("0/mask"))),
                "loss": distance(given["loss"], loss),
                "gradient": largest(under(given, "gradient/"), gradients),
                "after": largest(under(given, "after/"), model.weights),
            }
        )
    )


class Model:
    """A stack of recurrent layers and a linear readout; the weights lie as in retable, and are rearranged for PyTorch on every use."""

    def __init__(self, case: dict, weights: dict[str, torch.Tensor]) -> None:
        self.case = case
        self.weights = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}
        kind, layers, both = case["kind"], case["layers"], case["bidirectional"]
        layer = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[kind]
        self.layer = layer(case["embedding"] or case["features"], case["hidden"], num_layers=layers, bidirectional=both)

    def forward(self, x: torch.Tensor, state, mask: torch.Tensor | None = None):
        """`x` is `[batch, time, features]`, or tokens `[batch, time]`; `mask` is `[batch, time]`."""
        if self.case["embedding"]:
            x = torch.nn.functional.embedding(x, self.weights["E"])
        if mask is not None:
            h = self.pooled(x, mask)
        else:
            if self.case["kind"] == "gru" and self.case["reset"] == "before":
                h, state = self.gru_of_the_paper(x.transpose(0, 1), state)
            else:
                h, state = functional_call(self.layer, self.layer_weights(), (x.transpose(0, 1), state))
            h = h[-1] if self.case["readout"] == "last" else h.transpose(0, 1)
        return h @ self.weights["Wy"] + self.weights["by"], state

    def pooled(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """What the readout reads of sequences that are filled up: the layers are given them packed."""
        packed = pack_padded_sequence(x, mask.sum(1).long(), batch_first=True, enforce_sorted=False)
        h, state = functional_call(self.layer, self.layer_weights(), (packed, None))
        h, _ = pad_packed_sequence(h, batch_first=True, total_length=x.shape[1])
        there = mask.bool().unsqueeze(-1)
        match self.case["readout"]:
            case "every":
                return h
            case "last":
                ends = state[0] if isinstance(state, tuple) else state
                return torch.cat(list(ends[-2:] if self.case["bidirectional"] else ends[-1:]), -1)
            case "mean":
                return torch.stack([sequence[own].mean(0) for sequence, own in zip(h, mask.bool())])
            case "max":
                return h.masked_fill(~there, -torch.inf).amax(1)
            case "attention":
                scores = torch.tanh(h @ self.weights["Wa"] + self.weights["ba"]) @ self.weights["va"]
                return (torch.softmax(scores.masked_fill(~mask.bool(), -torch.inf), 1).unsqueeze(-1) * h).sum(1)
        raise ValueError(self.case["readout"])

    def layer_weights(self) -> dict[str, torch.Tensor]:
        """By PyTorch's names. Its second bias stays at zero, but for the one that a GRU has inside the reset gate."""
        result = {}
        for level in range(self.case["layers"]):
            for backward in [False, True] if self.case["bidirectional"] else [False]:
                gates, end = self.gates(level, backward), f"_l{level}" + ("_reverse" if backward else "")
                order = ORDER[self.case["kind"]]
                result["weight_ih" + end] = torch.cat([gates["Wx", g].T for g in order])
                result["weight_hh" + end] = torch.cat([gates["Wh", g].T for g in order])
                result["bias_ih" + end] = torch.cat([gates["b", g] for g in order])
                zero = torch.zeros(self.case["hidden"])
                result["bias_hh" + end] = torch.cat([gates.get(("bh", g), zero) for g in order])
        return result

    def gates(self, level: int, backward: bool) -> dict[tuple[str, str], torch.Tensor]:
        """The matrices and the bias of every gate of one layer in one direction: ("Wx", "i")."""
        case = self.case
        prefix = (f"layer{level}." if case["layers"] > 1 else "") + (("backward." if backward else "forward.") if case["bidirectional"] else "")
        own = {name[len(prefix) :]: tensor for name, tensor in self.weights.items() if name.startswith(prefix)}
        if case["implementation"] == "builtin":
            order = KERAS_ORDER[case["kind"]]
            parts = {"Wx": own["kernel"], "Wh": own["recurrent_kernel"], "b": own["bias"]}
            return {(part, g): piece for part, joined in parts.items() for g, piece in zip(order, joined.chunk(len(order), -1))}
        if case["kind"] == "rnn":
            return {("Wx", ""): own["Wxh"], ("Wh", ""): own["Whh"], ("b", ""): own["bh"]}
        names = {(part, g): part + g for part in ("Wx", "Wh", "b", "bh") for g in ORDER[case["kind"]]}
        return {key: own[name] for key, name in names.items() if name in own}

    def gru_of_the_paper(self, x: torch.Tensor, h):
        """PyTorch's own layer resets after the product; before it, the equations stand here."""
        w = self.gates(0, False)
        h = torch.zeros(x.shape[1], self.case["hidden"]) if h is None else h
        steps = []
        for step in x:
            r = torch.sigmoid(step @ w["Wx", "r"] + h @ w["Wh", "r"] + w["b", "r"])
            z = torch.sigmoid(step @ w["Wx", "z"] + h @ w["Wh", "z"] + w["b", "z"])
            g = torch.tanh(step @ w["Wx", "g"] + (r * h) @ w["Wh", "g"] + w["b", "g"])
            h = z * h + (1 - z) * g
            steps.append(h)
        return torch.stack(steps), h

    def loss(self, output: torch.Tensor, target: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        if mask is not None and self.case["readout"] == "every":
            return torch.nn.functional.cross_entropy(output[mask.bool()], target[mask.bool()].long())
        if self.case["loss"] == "cross_entropy":
            return torch.nn.functional.cross_entropy(output.flatten(0, -2), target.flatten().long())
        return torch.nn.functional.mse_loss(output, target)

    def train(self, batches) -> None:
        case = self.case
        weights = [tensor for name, tensor in self.weights.items() if name not in case["frozen"]]
        kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
        optimizer = kinds[case["optimizer"]](weights, lr=case["learning_rate"])
        state = None
        for x, target, mask in batches:
            optimizer.zero_grad()
            output, state = self.forward(x, state, mask)
            state = detached(state) if case["carry"] else None
            self.loss(output, target, mask).backward()
            if case["clip_norm"]:
                # As the book clips; PyTorch's own function adds 1e-6 to the norm.
                norm = torch.sqrt(sum((w.grad**2).sum() for w in weights))
                for w in weights:
                    w.grad *= min(1, case["clip_norm"] / norm)
            optimizer.step()


def detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def batch_input(case: dict, given: dict[str, torch.Tensor], index: int) -> torch.Tensor:
    x = given[f"{index}/input"]
    if case["embedding"]:
        return x.long()
    return torch.nn.functional.one_hot(x.long(), case["features"]).float() if case["loss"] == "cross_entropy" else x


def there(output: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """The outputs of steps that are there."""
    return output if mask is None or output.dim() == 2 else output[mask.bool()]


def distance(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    ours, theirs = ours.double(), theirs.detach().double()
    if ours.shape != theirs.shape:
        return float("inf")
    return float((ours - theirs).abs().max() / max(1, ours.abs().max()))


def read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    read = lambda begin, end: np.frombuffer(data[8 + length + begin : 8 + length + end], dtype="<f4").copy()
    tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
    return {name: torch.from_numpy(read(*entry["data_offsets"])).reshape(entry["shape"]) for name, entry in tensors.items()}


def under(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
