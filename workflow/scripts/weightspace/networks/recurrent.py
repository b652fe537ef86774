"""A recurrent network that reads an image row by row and answers after the last one."""

from torch import nn

from weightspace.networks.convolutional import side_of

CELLS = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class RecurrentNetwork(nn.Module):
    """One recurrent layer over the rows of a square image, from the top, and a linear read-out of its last state;
    inputs (B, N), logits (B, C).
    """

    def __init__(self, *, side, cell, units, classes):
        super().__init__()
        self.side = side
        self.layer = CELLS[cell](side, units, batch_first=True)
        self.output = nn.Linear(units, classes)

    def forward(self, inputs):
        states, _ = self.layer(inputs.reshape(len(inputs), self.side, self.side))  # (B, rows, units)
        return self.output(states[:, -1])


def recurrent_network(definition, *, inputs, classes):
    return RecurrentNetwork(side=side_of(inputs), cell=definition["cell"], units=definition["units"], classes=classes)
