"""Seconds of each epoch of an LSTM with an embedding over random texts of several lengths, on one core: `texts.py padded|packed TEXTS EPOCHS`."""

import json
import sys
import time

import torch
from torch import nn

if sys.argv[1] == "version":
    print(json.dumps({"PyTorch": torch.__version__}))
    sys.exit()

how, texts, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(1)
torch.manual_seed(1)
TOKENS, LONGEST, SHORTEST, SIZE, BATCH = 20_001, 256, 120, 64, 32
lengths = torch.randint(SHORTEST, LONGEST + 1, (texts,))
lengths[0] = LONGEST
tokens = torch.randint(1, TOKENS, (texts, LONGEST))
answers = torch.randint(0, 2, (texts,))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, SIZE)
        self.lstm = nn.LSTM(SIZE, SIZE, batch_first=True)
        self.readout = nn.Linear(SIZE, 2)

    def forward(self, x, length):
        vectors = self.embedding(x)
        if how == "packed":
            packed = nn.utils.rnn.pack_padded_sequence(vectors, length, batch_first=True, enforce_sorted=False)
            _, (h, _) = self.lstm(packed)
            return self.readout(h[-1])
        # All steps, and of each text the last one that is there.
        h, _ = self.lstm(vectors)
        return self.readout(h[torch.arange(len(length)), length - 1])


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
loss = nn.CrossEntropyLoss()
seconds = []
for _ in range(epochs):
    order = torch.randperm(texts)
    began = time.perf_counter()
    for first in range(0, texts, BATCH):
        rows = order[first : first + BATCH]
        optimizer.zero_grad()
        loss(net(tokens[rows], lengths[rows]), answers[rows]).backward()
        optimizer.step()
    seconds.append(time.perf_counter() - began)
print(json.dumps(seconds))
