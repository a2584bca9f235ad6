"""Recurrent nets over text in PyTorch, eager: `lstm`, `gru`, `rnn` written from scratch; `compile.lstm`, `compile.gru`, `compile.rnn` the same through
torch.compile, which takes a C++ compiler and about a minute until the first step; `nn.lstm`, `nn.gru`, `nn.rnn`, `nn.rnn_256`, `nn.deep_lstm` and
`nn.bilstm` of its library; `nn.windows` forecasts a series with nn.LSTM; `sgemm` multiplies large matrices and gives GFLOP/s. See contender.py for how it
is asked."""

import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from contender import CLIP, HIDDEN, LEARNING_RATE, VOCABULARY, serve

LARGE = 1024


class LSTM(nn.Module):
    """Gates i, f, o, c with one bias each, as chapter 10 of Dive into Deep Learning writes them."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        declare(self, hidden, "ifoc")

    def empty(self, batch: int) -> tuple[Tensor, ...]:
        return torch.zeros(batch, len(self.bi)), torch.zeros(batch, len(self.bi))

    def advance(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        h, c = state
        i = torch.sigmoid(x @ self.Wi + h @ self.Ui + self.bi)
        f = torch.sigmoid(x @ self.Wf + h @ self.Uf + self.bf)
        o = torch.sigmoid(x @ self.Wo + h @ self.Uo + self.bo)
        g = torch.tanh(x @ self.Wc + h @ self.Uc + self.bc)
        c = f * c + i * g
        return o * torch.tanh(c), c


class GRU(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        declare(self, hidden, "zrh")

    def empty(self, batch: int) -> tuple[Tensor, ...]:
        return (torch.zeros(batch, len(self.bz)),)

    def advance(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        (h,) = state
        z = torch.sigmoid(x @ self.Wz + h @ self.Uz + self.bz)
        r = torch.sigmoid(x @ self.Wr + h @ self.Ur + self.br)
        candidate = torch.tanh(x @ self.Wh + (r * h) @ self.Uh + self.bh)
        return (z * h + (1 - z) * candidate,)


class RNN(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        declare(self, hidden, "h")

    def empty(self, batch: int) -> tuple[Tensor, ...]:
        return (torch.zeros(batch, len(self.bh)),)

    def advance(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (torch.tanh(x @ self.Wh + state[0] @ self.Uh + self.bh),)


def declare(cell: nn.Module, hidden: int, gates: str) -> None:
    for gate in gates:
        cell.register_parameter(f"W{gate}", nn.Parameter(torch.randn(VOCABULARY, hidden) * 0.01))
        cell.register_parameter(f"U{gate}", nn.Parameter(torch.randn(hidden, hidden) * 0.01))
        cell.register_parameter(f"b{gate}", nn.Parameter(torch.zeros(hidden)))


class FromScratch(nn.Module):
    def __init__(self, cell: nn.Module, hidden: int) -> None:
        super().__init__()
        self.cell = cell
        self.V = nn.Parameter(torch.randn(hidden, VOCABULARY) * 0.01)
        self.d = nn.Parameter(torch.zeros(VOCABULARY))
        self.empty = cell.empty

    def forward(self, text: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """text: [time, batch, vocabulary]; logits: [time * batch, vocabulary]."""
        logits = []
        for x in text:
            state = self.cell.advance(x, state)
            logits.append(state[0] @ self.V + self.d)
        return torch.cat(logits), state


class BuiltIn(nn.Module):
    def __init__(self, kind: type[nn.RNNBase], hidden: int, layers: int = 1, directions: int = 1) -> None:
        super().__init__()
        self.recurrent = kind(VOCABULARY, hidden, layers, bidirectional=directions == 2)
        self.readout = nn.Linear(directions * hidden, VOCABULARY)
        self.states = layers * directions

    def empty(self, batch: int) -> tuple[Tensor, ...]:
        shape = (self.states, batch, self.recurrent.hidden_size)
        return tuple(torch.zeros(shape) for _ in range(2 if isinstance(self.recurrent, nn.LSTM) else 1))

    def forward(self, text: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        hidden, state = self.recurrent(text, state if len(state) == 2 else state[0])
        return self.readout(hidden.flatten(0, 1)), state if isinstance(state, tuple) else (state,)


class Training:
    def __init__(self, model: nn.Module, batch: int) -> None:
        self.model, self.batch = model, batch
        self.optimizer = torch.optim.SGD(model.parameters(), LEARNING_RATE)

    def begin(self):
        return self.model.empty(self.batch)

    def step(self, state, inputs, targets):
        text = F.one_hot(torch.from_numpy(inputs).T.long(), VOCABULARY).float()
        logits, state = self.model(text, state)
        loss = F.cross_entropy(logits, torch.from_numpy(targets).T.reshape(-1).long())
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()
        return tuple(part.detach() for part in state), loss.item()


class Windows:
    """The net of bench/windows.ts: 50 units over 60 steps of one value, the last state read out, mean squared error, Adam. Its batches are its own."""

    STEPS, BATCH = 60, 32

    def __init__(self) -> None:
        series = torch.tensor([math.sin(step / 7) + math.sin(step / 31) for step in range(640 + self.STEPS)])
        windows, targets = series.unfold(0, self.STEPS, 1)[:640], series[self.STEPS :, None]
        self.batches = [(x.numpy(), y.numpy()) for x, y in zip(windows.split(self.BATCH), targets.split(self.BATCH))]
        self.lstm, self.readout = nn.LSTM(1, 50, batch_first=True), nn.Linear(50, 1)
        self.optimizer = torch.optim.Adam([*self.lstm.parameters(), *self.readout.parameters()], lr=0.001)

    def begin(self):
        return ()

    def step(self, state, inputs, targets):
        hidden = self.lstm(torch.from_numpy(inputs)[:, :, None])[0]
        loss = F.mse_loss(self.readout(hidden[:, -1]), torch.from_numpy(targets))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return state, loss.item()


def sgemm(seconds: float) -> dict[str, float]:
    """What this machine's arithmetic comes to in one large product after another."""
    left, right = torch.randn(2, LARGE, LARGE)
    torch.mm(left, right)
    began, products = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        torch.mm(left, right)
        products += 1
    return {"GFLOP/s": products * 2 * LARGE**3 / (time.perf_counter() - began) / 1e9}


LIBRARY = {
    "lstm": (nn.LSTM, HIDDEN["lstm"]),
    "gru": (nn.GRU, HIDDEN["gru"]),
    "rnn": (nn.RNN, HIDDEN["rnn"]),
    "rnn_256": (nn.RNN, 256),
    "deep_lstm": (nn.LSTM, HIDDEN["lstm"], 2),
    "bilstm": (nn.LSTM, HIDDEN["lstm"], 2, 2),
}


def build(net: str, shape: tuple[int, int]) -> Training | Windows:
    own, _, kind = net.rpartition(".")
    if net == "nn.windows":
        return Windows()
    if own == "nn":
        return Training(BuiltIn(*LIBRARY[kind]), shape[0])
    hidden = HIDDEN[kind]
    model = FromScratch({"lstm": LSTM, "gru": GRU, "rnn": RNN}[kind](hidden), hidden)
    if own == "compile":
        model.compile()
    return Training(model, shape[0])


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[2]))
    torch.manual_seed(1)
    serve({"torch": torch.__version__}, build, {"sgemm": sgemm})
