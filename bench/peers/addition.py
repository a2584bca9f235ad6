"""The addition experiment in PyTorch, as its reference does it: an LSTM from scratch, mean squared error, Adam. Prints seconds an epoch as JSON.

    python addition.py slices | loader | metrics EPOCHS

slices and loader train with the loss alone, batches cut from a tensor or handed out by a DataLoader. metrics also counts exact matches and
right bits of every training batch and measures the test examples after each epoch.
"""

import json
import math
import platform
import sys
import time

import torch
from torch import Tensor, nn

BITS, HIDDEN, BATCH, TRAIN, TEST = 8, 32, 64, 80_000, 20_000
TEST_BATCH = 1000


class LSTM(nn.Module):
    """Gates i, f, c, o with one bias each; the last hidden state is read out by a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        for gate in "ifco":
            self.register_parameter(f"U{gate}", nn.Parameter(torch.empty(BITS, HIDDEN)))
            self.register_parameter(f"V{gate}", nn.Parameter(torch.empty(HIDDEN, HIDDEN)))
            self.register_parameter(f"b{gate}", nn.Parameter(torch.empty(HIDDEN)))
        self.readout = nn.Linear(HIDDEN, BITS)
        limit = 1 / math.sqrt(HIDDEN)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -limit, limit)

    def forward(self, numbers: Tensor) -> Tensor:
        h = numbers.new_zeros(len(numbers), HIDDEN)
        c = numbers.new_zeros(len(numbers), HIDDEN)
        for x in numbers.unbind(1):
            i = torch.sigmoid(x @ self.Ui + h @ self.Vi + self.bi)
            f = torch.sigmoid(x @ self.Uf + h @ self.Vf + self.bf)
            g = torch.tanh(x @ self.Uc + h @ self.Vc + self.bc)
            o = torch.sigmoid(x @ self.Uo + h @ self.Vo + self.bo)
            c = f * c + i * g
            h = o * torch.tanh(c)
        return self.readout(h)


def main(mode: str, epochs: int) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(1)
    train, test = draw(TRAIN), draw(TEST)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*train), batch_size=BATCH)
    model, criterion = LSTM(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

    def train_epoch() -> None:
        loss_sum, counts = 0.0, torch.zeros(2)
        for inputs, targets in loader if mode == "loader" else slices(train, BATCH):
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, targets)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item()
            if mode == "metrics":
                counts += right(outputs, targets)

    @torch.no_grad()
    def test_epoch() -> None:
        loss_sum, counts = 0.0, torch.zeros(2)
        for inputs, targets in slices(test, TEST_BATCH):
            outputs = model(inputs)
            loss_sum += criterion(outputs, targets).item()
            counts += right(outputs, targets)

    seconds = []
    for _ in range(epochs):
        began = time.perf_counter()
        train_epoch()
        trained = time.perf_counter()
        if mode == "metrics":
            test_epoch()
        seconds.append({"train": trained - began, "all": time.perf_counter() - began})
    print(json.dumps(seconds))


@torch.no_grad()
def right(outputs: Tensor, targets: Tensor) -> Tensor:
    """Examples with every bit right, and right bits."""
    bits = outputs.round() == targets
    return torch.stack([bits.all(1).sum(), bits.sum()])


def draw(examples: int) -> tuple[Tensor, Tensor]:
    a, b = torch.randint(0, 2 ** (BITS - 1), (2, examples))
    return torch.stack([to_bits(a), to_bits(b)], 1), to_bits(a + b)


def to_bits(numbers: Tensor) -> Tensor:
    return (numbers[:, None] >> torch.arange(BITS - 1, -1, -1) & 1).float()


def slices(tensors: tuple[Tensor, Tensor], size: int):
    for first in range(0, len(tensors[0]), size):
        yield tuple(tensor[first : first + size] for tensor in tensors)


if __name__ == "__main__":
    if sys.argv[1] == "version":
        print(json.dumps({"torch": torch.__version__, "python": platform.python_version()}))
    else:
        main(sys.argv[1], int(sys.argv[2]))
