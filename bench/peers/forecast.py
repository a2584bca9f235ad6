"""The net that most tutorials forecast a series with, in PyTorch: nn.LSTM of 50 units over windows of 60 steps, the last state read out by a linear
layer, mean squared error, Adam, batches of 32 shuffled every epoch. Prints seconds an epoch as JSON.

    python forecast.py WINDOWS EPOCHS
"""

import json
import math
import platform
import sys
import time

import torch
from torch import nn

HIDDEN, WINDOW, BATCH = 50, 60, 32


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, HIDDEN, batch_first=True)
        self.readout = nn.Linear(HIDDEN, 1)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        return self.readout(self.lstm(windows)[0][:, -1])


def main(count: int, epochs: int) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(1)
    series = torch.tensor([math.sin(step / 7) + math.sin(step / 31) for step in range(count + WINDOW)])
    windows = series.unfold(0, WINDOW, 1)[:count, :, None].contiguous()
    targets = series[WINDOW:, None]
    model, criterion = Net(), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    seconds = []
    for _ in range(epochs):
        began = time.perf_counter()
        total = 0.0
        for chosen in torch.randperm(count).split(BATCH):
            optimizer.zero_grad()
            loss = criterion(model(windows[chosen]), targets[chosen])
            loss.backward()
            optimizer.step()
            total += loss.item()
        seconds.append(time.perf_counter() - began)
    print(json.dumps(seconds))


if __name__ == "__main__":
    if sys.argv[1] == "version":
        print(json.dumps({"torch": torch.__version__, "python": platform.python_version()}))
    else:
        main(int(sys.argv[1]), int(sys.argv[2]))
