"""Networks, training and attacks: closed forms on linear models, and short training on the real MNIST."""

import os

import numpy as np
import pytest
import torch

from weightspace.attacks import grey_attacks
from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.files import FileError
from weightspace.loading import load
from weightspace.memories.nearest_neighbour import NearestNeighbour
from weightspace.networks import architectures, training
from weightspace.networks.image_networks import FrozenConvolution

DEFINITION = {
    "architecture": "mlp",
    "input": "binary",
    "hidden": [32],
    "activation": "tanh",
    "loss": "rms",
    "optimiser": "sgd",
    "learning_rate": 0.1,
    "batch_size": 50,
    "epochs": 2,
}


@pytest.fixture(scope="module")
def tensors(mnist_patterns):
    images = torch.as_tensor(mnist_patterns.train(slice(0, 6000)), dtype=torch.float32)
    tests = torch.as_tensor(mnist_patterns.test(slice(0, 1000)), dtype=torch.float32)
    labels, test_labels = (
        torch.as_tensor(part) for part in (mnist_patterns.train_labels[:6000], mnist_patterns.test_labels[:1000])
    )
    return (images, labels), (tests, test_labels)


def trained(tensors, seed=3, **changes):
    definition = DEFINITION | changes
    module = architectures.build(definition, inputs=784, classes=10, seed=seed)
    history = training.train(module, *tensors, definition, seed=seed)
    description = {"definition": definition, "inputs": 784, "classes": 10, "seed": seed}
    return architectures.Network(module, description), history


@pytest.mark.parametrize("optimiser", ["sgd", "adam", "rmsprop"])
@pytest.mark.parametrize(("loss", "activation"), [("rms", "tanh"), ("cross_entropy", "relu")])
def test_training_learns_mnist(tensors, optimiser, loss, activation):
    rate = 0.1 if optimiser == "sgd" else 0.001
    _, history = trained(tensors, optimiser=optimiser, loss=loss, activation=activation, learning_rate=rate)
    assert history.epoch.tolist() == [0, 1, 2]
    assert history.test_error.iloc[0] > 0.8
    assert history.test_error.iloc[-1] < 0.3


@pytest.mark.parametrize(
    "kind",
    [
        {"architecture": "conv", "channels": [4, 8], "kernel": 5, "hidden": 16},
        {"architecture": "recurrent", "cell": "gru", "units": 24},
    ],
    ids=lambda kind: kind["architecture"],
)
def test_other_architectures_learn_mnist_and_answer_alike_from_their_files(tmp_path, tensors, kind):
    network, history = trained(tensors, loss="cross_entropy", optimiser="adam", learning_rate=0.005, **kind)
    assert history.test_error.iloc[-1] < 0.4 < history.test_error.iloc[0]
    network.save(tmp_path / "a.safetensors")
    images = tensors[1][0].numpy()
    assert (load(tmp_path / "a.safetensors").logits(images) == network.logits(images)).all()
    with pytest.raises(ValueError, match="782 pixels are not square"):
        architectures.build(DEFINITION | kind, inputs=782, classes=10, seed=0)


@pytest.mark.parametrize(("side", "kernel"), [(28, 5), (14, 5), (7, 3), (9, 7), (5, 1), (13, 5)])
def test_a_frozen_convolution_gives_its_maps_pytorchs_gradient(side, kernel):
    torch.manual_seed(0)
    convolution = torch.nn.Conv2d(3, 4, kernel, stride=2, padding=kernel // 2).double()
    maps = torch.randn(2, 3, side, side, dtype=torch.float64, requires_grad=True)
    expected, found = convolution(maps), FrozenConvolution.of(convolution)(maps)
    weights = torch.randn_like(expected)
    assert torch.equal(found, expected)
    torch.testing.assert_close(
        *(torch.autograd.grad(output, maps, weights)[0] for output in (found, expected)), rtol=1e-12, atol=1e-12
    )


def test_attacks_on_a_convolutional_network_see_the_gradient_of_the_trained_one():
    module = architectures.build(
        DEFINITION | {"architecture": "conv", "channels": [4, 6], "kernel": 5, "hidden": 8},
        inputs=784,
        classes=10,
        seed=0,
    )
    images, labels = torch.rand(5, 784), torch.arange(5)
    expected = grey_attacks.loss_gradient(grey_attacks.GreyLevels(module), images, labels)
    torch.testing.assert_close(grey_attacks.loss_gradient(grey_attacks.frozen(module), images, labels), expected)


def test_attacks_on_a_recurrent_network_see_the_trained_one_without_its_dropout():
    class Recurrent(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.LSTM(7, 5, num_layers=2, dropout=0.5, batch_first=True)

        def forward(self, inputs):
            return self.layer(inputs.reshape(len(inputs), 7, 7))[0][:, -1]

    torch.manual_seed(0)
    network, grey = Recurrent().eval(), torch.rand(20, 49)
    with torch.no_grad():
        expected = network(2 * grey - 1)
        assert (grey_attacks.frozen(network)(grey) == expected).all()
    assert network.layer.training  # or cuDNN refuses the gradient
    network.eval()
    with torch.no_grad():
        assert (network(2 * grey - 1) == expected).all()


def test_recurrent_network_reads_rows_from_the_top(tensors):
    module = architectures.build(
        DEFINITION | {"architecture": "recurrent", "cell": "tanh", "units": 8}, inputs=784, classes=10, seed=0
    )
    images = tensors[1][0][:5].clone().requires_grad_()
    module(images).sum().backward()
    size = images.grad.reshape(5, 28, 28).abs().sum(dim=2)
    assert (size[:, -1] > 10 * size[:, 0]).all()  # a layer of tanh units has forgotten the first rows


def test_random_labels_are_the_same_labels_in_another_order(tensors):
    images, labels = training.with_random_labels(tensors[0], generator=np.random.default_rng(0))
    assert (images == tensors[0][0]).all()
    assert (labels.bincount() == tensors[0][1].bincount()).all()
    assert (labels == tensors[0][1]).float().mean() < 0.15


def test_nearest_neighbour_is_the_nearest_and_answers_alike_from_its_file(tmp_path, mnist_patterns):
    stored, labels = mnist_patterns.train(slice(0, 300)), mnist_patterns.train_labels[:300]
    control = NearestNeighbour(stored, labels, np.arange(300))
    tests = mnist_patterns.test(slice(0, 50))
    distances = (tests[:, None, :] != stored[None]).sum(axis=2)  # (50, 300)
    assert (control.predict(tests) == labels[distances.argmin(axis=1)]).all()
    control.save(tmp_path / "a.safetensors")
    again = load(tmp_path / "a.safetensors")
    assert (again.patterns == stored).all()
    assert (again.answers(np.zeros(tests.shape, dtype=np.uint8), tests)["binarised"] == control.predict(tests)).all()


def test_rms_loss_is_its_definition():
    logits, labels = torch.tensor([[0.3, -2.0, 1.0], [0.0, 0.5, -0.1]]), torch.tensor([2, 0])
    targets = np.array([[-1, -1, 1], [1, -1, -1]])
    expected = np.sqrt(np.mean((np.tanh(logits.numpy()) - targets) ** 2))
    assert training.root_mean_square_error(logits, labels).item() == pytest.approx(expected)


def test_same_seed_same_bytes_and_the_file_answers_alike(tmp_path, tensors):
    first, _ = trained(tensors, epochs=1)
    second, _ = trained(tensors, epochs=1)
    other, _ = trained(tensors, epochs=1, seed=4)
    for name, network in (("a", first), ("b", second), ("c", other)):
        network.save(tmp_path / f"{name}.safetensors")
    files = [(tmp_path / f"{name}.safetensors").read_bytes() for name in "abc"]
    assert files[0] == files[1] != files[2]
    images = tensors[1][0].numpy()
    assert (load(tmp_path / "a.safetensors").logits(images) == first.logits(images)).all()


def test_a_loss_that_is_no_number_is_refused(tensors):
    with pytest.raises(FloatingPointError, match="learning_rate"):
        trained(tensors, activation="relu", loss="cross_entropy", learning_rate=1e30)


def linear_network(weights):
    """Two classes, logits ±w·x: the smallest L∞ change that flips a sign is |w·x| / ‖w‖₁, in closed form."""
    module = architectures.MultilayerPerceptron(widths=[len(weights), 2], activation="tanh")
    with torch.no_grad():
        module.layers[0].weight.copy_(torch.as_tensor(np.stack([weights, -weights]), dtype=torch.float32))
        module.layers[0].bias.zero_()
    return architectures.Network(module)


@pytest.mark.parametrize("method", ["fgsm", "pgd"])
def test_attacks_succeed_exactly_beyond_the_margin_of_a_linear_model(method):
    generator = np.random.default_rng(0)
    weights = generator.normal(size=100)
    grey = generator.integers(100, 156, (200, 100)).astype(
        np.uint8
    )  # far from 0 and 255, so the range never cuts an attack
    network = linear_network(weights)
    scaled = architectures.scaled_grey(grey)
    labels = network.predict(scaled)
    margin = (
        np.abs(scaled @ weights) / np.abs(weights).sum() / 2
    )  # the network's input is twice the grey level minus one
    definition = {"method": method, "norm": "linf", "budgets": [0.02, 0.1], "steps": 20, "step_size": 0.2}
    found = grey_attacks.craft(grey_attacks.frozen(network.module), grey, labels, definition, seed=0)
    for budget, attacked in zip(definition["budgets"], found, strict=True):
        reach = grey_attacks.levels(budget) / 255
        success = network.predict(architectures.scaled_grey(attacked)) != labels
        clear = np.abs(margin - reach) > 0.003  # one grey level is 0.004
        assert (success == (margin < reach))[clear].all()
        assert clear.mean() > 0.5
    assert success.any()


def test_attacks_respect_the_budget_after_rounding_and_are_repeatable(mnist_raw, tensors):
    from weightspace.data.raw_files import read_grey, read_labels

    grey, labels = read_grey(mnist_raw, "test")[:60], read_labels(mnist_raw, "test")[:60]
    network, _ = trained(tensors, epochs=1)
    definition = {"method": "pgd", "norm": "linf", "budgets": [0.1, 0.3], "steps": 10, "step_size": 0.2}
    found = [
        grey_attacks.craft(grey_attacks.frozen(network.module), grey, labels, definition, seed=seed)
        for seed in (0, 0, 1)
    ]
    assert (found[0] == found[1]).all()
    assert (found[0] != found[2]).any()
    changes = np.abs(found[0].astype(int) - grey).max(axis=(1, 2))
    assert changes.tolist() == [25, 76]  # ⌊255 · 0.1⌋ and ⌊255 · 0.3⌋: used in full, never exceeded
    errors = [(network.predict(architectures.scaled_grey(part)) != labels).mean() for part in (grey, *found[0])]
    assert errors[0] < errors[1] <= errors[2]
    single = grey_attacks.craft(
        grey_attacks.frozen(network.module), grey, labels, definition | {"method": "fgsm"}, seed=0
    )
    assert (network.predict(architectures.scaled_grey(single[0])) != labels).mean() <= errors[1]


@pytest.fixture
def saved():
    clean = np.full((3, 4), 100, dtype=np.uint8)
    adversarial = np.stack([clean + 25, clean - 76]).astype(np.uint8)
    return AdversarialImages(
        np.zeros(3, dtype=np.uint8), np.arange(3), np.arange(3), clean, adversarial, np.array([0.1, 0.3])
    )


def test_adversarial_file_round_trip(tmp_path, saved):
    saved.write(tmp_path / "a.npz")
    assert (AdversarialImages.read(tmp_path / "a.npz").adversarial == saved.adversarial).all()


def test_an_image_beyond_its_budget_is_caught(tmp_path, saved):
    saved.adversarial[0, 1, 2] = 126
    saved.write(tmp_path / "a.npz")
    with pytest.raises(FileError, match=r"image 1 was changed by 0\.1020, more than its budget of 0\.1"):
        AdversarialImages.read(tmp_path / "a.npz")


def test_images_that_are_no_grey_levels_are_caught(tmp_path, saved):
    AdversarialImages(**{**vars(saved), "adversarial": saved.adversarial.astype(np.float32)}).write(tmp_path / "a.npz")
    with pytest.raises(FileError, match="8-bit"):
        AdversarialImages.read(tmp_path / "a.npz")


def test_a_gpu_that_is_not_there_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert training.choose_device("auto") == training.choose_device("cpu") == torch.device("cpu")
    with pytest.raises(RuntimeError, match="sees no GPU on this machine; set device to auto or cpu"):
        training.choose_device("cuda")


@pytest.mark.parametrize("name", ["auto", "cuda"])
def test_a_gpu_is_asked_for_equal_numbers_in_equal_runs(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    try:
        assert training.choose_device("cpu") == torch.device("cpu")
        assert not torch.are_deterministic_algorithms_enabled()
        assert training.choose_device(name) == torch.device("cuda")
        assert torch.are_deterministic_algorithms_enabled()
        assert not torch.backends.cudnn.allow_tf32
    finally:
        torch.use_deterministic_algorithms(False)
        os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)
