"""Modules as a tree, and all their parameters as views into one flat buffer."""

import copy
import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np

from gatecast.errors import DtypeError, InputError, StateDictError
from gatecast.kernels.contract import Array
from gatecast.nn.init import Initialiser, make_generator
from gatecast.nn.parameters import Buffer, Parameter, merge
from gatecast.nn.validation import check_dtype


class Tree:
    """Layers inside layers, each with named parameters.  Use :class:`Module`, built on this.

    Parameters
    ----------
    dtype : float32 or float64
    seed : int or numpy.random.Generator
        Draws the initial parameters.
    """

    def __init__(self, dtype: Any = np.float32, seed: int | np.random.Generator = 0) -> None:
        self.dtype = check_dtype(dtype)
        self._rng = make_generator(seed)
        self._parameters: dict[str, Parameter] = {}
        self._children: dict[str, Any] = {}
        self._buffer: Buffer | None = None
        self._flat: Array | None = None
        self._flat_grad: Array | None = None
        self._range = (0, 0)
        self._parent: weakref.ref[Tree] | None = None

    # -- building ---------------------------------------------------------------------------

    def add_parameter(self, name: str, shape: tuple[int, ...], initialiser: Initialiser) -> None:
        """Draw a parameter; call it from a constructor."""
        value = np.asarray(initialiser(self._rng, shape), self.dtype)
        self._parameters[name] = Parameter(value, initialiser)
        self._changed()

    def add_module(self, name: str, module: "Tree") -> None:
        """Make ``module`` part of this network under that name, in the place of another there."""
        self._check_module(name, module)
        self._release(name)
        module._parent = weakref.ref(self)
        self._children[name] = module
        self._changed()

    def _check_module(self, name: str, module: "Tree") -> None:
        """Refuse a module that cannot be part of this network."""
        if "_children" not in self.__dict__:
            raise InputError(
                f"{name}: call super().__init__() before setting the layers of a "
                f"{type(self).__name__}"
            )
        around: Tree | None = self
        while around is not None:
            if around is module:
                raise InputError(f"{name}: a network cannot be part of itself")
            around = around._parent() if around._parent is not None else None
        parent = module._parent() if module._parent is not None else None
        if parent is not None and parent is not self:
            raise InputError(
                f"{name}: this {type(module).__name__} is already part of another network; "
                "give each network its own layer, or a copy by layer.copy()"
            )
        if any(module is child for key, child in self._children.items() if key != name):
            raise InputError(f"{name}: the same {type(module).__name__} stands here twice")
        if module.dtype != self.dtype:
            raise DtypeError(
                f"{name}: a {module.dtype} {type(module).__name__} cannot be part of a "
                f"{self.dtype} network; build all layers with the same dtype"
            )

    def _release(self, name: str) -> None:
        """The module of that name, if there is one, is about to leave: it is free again."""
        if name in self._children:
            self._children[name]._parent = None
            self._children[name]._buffer = None  # it is laid out for this network
            self._changed()

    def _changed(self) -> None:
        """The layout of the buffer no longer holds, here and in every network around."""
        module: Tree | None = self
        while module is not None:
            module._buffer = None
            module = module._parent() if module._parent is not None else None

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Tree):
            self.add_module(name, value)
        elif isinstance(value, list | tuple | dict):
            within = value.values() if isinstance(value, dict) else value
            if any(isinstance(v, Tree) for v in within):
                raise InputError(
                    f"{name}: layers in a {type(value).__name__} would not be trained; put them "
                    "into nn.Sequential, or set each as an attribute"
                )
        if name in self.__dict__.get("_children", ()) and not isinstance(value, Tree):
            self._release(name)
            del self._children[name]
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        if name in self._children:
            self._release(name)
            del self._children[name]

    def _sealed(self) -> Buffer:
        """The flat buffer, laid out on first use and again when the network has changed."""
        buffer = self._buffer
        if buffer is None:
            total = sum(p.value.size for _, p in self._named())
            buffer = Buffer(np.empty(total, self.dtype), np.zeros(total, self.dtype))
            self._place(buffer, 0)
        return buffer

    def _place(self, buffer: Buffer, start: int) -> int:
        """Move this tree's parameters into the buffer from ``start`` on; where they end."""
        stop = start
        for parameter in self._parameters.values():
            part = slice(stop, stop + parameter.value.size)
            shape = parameter.value.shape
            parameter.move_to(buffer.values[part].reshape(shape), buffer.grads[part].reshape(shape))
            stop = part.stop
        for child in self._children.values():
            stop = child._place(buffer, stop)
        self._buffer, self._range = buffer, (start, stop)
        self._flat, self._flat_grad = buffer.values[start:stop], buffer.grads[start:stop]
        self.rebind()
        return stop

    def rebind(self) -> None:
        """Called when the parameters have moved in memory: refresh what holds views of them."""

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_buffer": None, "_parent": None, "_flat": None, "_flat_grad": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for child in self._children.values():
            child._parent = weakref.ref(self)
        self._sealed()

    # -- parameters -------------------------------------------------------------------------

    def _named(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        for name, parameter in self._parameters.items():
            yield prefix + name, parameter
        for name, child in self._children.items():
            yield from child._named(f"{prefix}{name}.")

    def named_parameters(self) -> dict[str, Parameter]:
        """Every parameter of the network by its name, in the order of the flat buffer."""
        self._sealed()
        return dict(self._named())

    @property
    def flat(self) -> Array:
        """All parameters as one vector (a view: writing to it changes the network)."""
        if self._buffer is None:
            self._sealed()
        assert self._flat is not None  # set where the buffer is
        return self._flat

    @property
    def flat_grad(self) -> Array:
        """All gradients as one vector (a view)."""
        if self._buffer is None:
            self._sealed()
        assert self._flat_grad is not None  # set where the buffer is
        return self._flat_grad

    @property
    def num_parameters(self) -> int:
        """How many numbers the network learns, frozen ones included."""
        return self.flat.size

    def state_dict(self) -> dict[str, Array]:
        """Named views of the parameters, in PyTorch's names and layouts."""
        return {name: p.value for name, p in self.named_parameters().items()}

    def gradients(self) -> dict[str, Array]:
        """Named views of the gradients; ``backward`` adds to them, ``zero_grad`` clears them."""
        return {name: p.grad for name, p in self.named_parameters().items()}

    def zero_grad(self) -> None:
        """Set every gradient to zero."""
        self.flat_grad.fill(0)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Copy values in by name; refuses a state dict of another network and changes nothing.

        Takes NumPy arrays, or anything ``np.asarray`` takes (a PyTorch state dict does).
        """
        if not isinstance(state, Mapping):
            raise StateDictError(
                f"a state dict must map names to arrays, it is a {type(state).__name__}; "
                "state_dict() of a network makes one"
            )
        own = self.named_parameters()
        missing = [name for name in own if name not in state]
        foreign = [name for name in state if name not in own]
        if missing or foreign:
            raise StateDictError(
                "the state dict is of another network: "
                + "; ".join(
                    f"{what} {', '.join(map(str, names[:5]))}{' ...' if len(names) > 5 else ''}"
                    for what, names in (("it lacks", missing), ("it has too many:", foreign))
                    if names
                )
            )
        arrays = {name: _as_array(name, value) for name, value in state.items()}
        for name, parameter in own.items():
            if arrays[name].shape != parameter.value.shape:
                raise StateDictError(
                    f"{name} must have shape {parameter.value.shape}, "
                    f"the state dict's has {arrays[name].shape}"
                )
            if arrays[name].dtype != self.dtype:
                raise StateDictError(
                    f"{name} is {arrays[name].dtype} in the state dict and the network computes "
                    f"in {self.dtype}; convert it, or build the network with that dtype"
                )
        for name, parameter in own.items():
            parameter.value[...] = arrays[name]

    def freeze(self, *prefixes: str) -> None:
        """Keep the parameters whose names begin so (all of them without a prefix) as they are."""
        self._set_frozen(prefixes, True)

    def unfreeze(self, *prefixes: str) -> None:
        """Train the parameters whose names begin so (all of them without a prefix) again."""
        self._set_frozen(prefixes, False)

    def _set_frozen(self, prefixes: tuple[str, ...], frozen: bool) -> None:
        own = self.named_parameters()
        chosen = set() if prefixes else set(own)
        for prefix in prefixes:
            found = {name for name in own if begins_with(name, prefix)}
            if not found:
                raise InputError(
                    f"no parameter begins with {prefix!r}; they are called {', '.join(own)}"
                )
            chosen |= found
        for name in chosen:
            own[name].frozen = frozen
        self._sealed().trainable = None

    def trainable_ranges(self) -> list[tuple[int, int]]:
        """Ranges of the flat vector that are not frozen."""
        buffer = self._sealed()
        if buffer.trainable is None or self._parent is not None:
            ranges, stop = [], 0
            for _, parameter in self._named():
                start, stop = stop, stop + parameter.value.size
                if not parameter.frozen:
                    ranges.append((start, stop))
            found = merge(ranges)
            if self._parent is not None:
                return found
            buffer.trainable = found
        return buffer.trainable

    def initialise(self, seed: int | np.random.Generator) -> None:
        """Draw every parameter anew, each module from a stream of its own."""
        rng = make_generator(seed)
        for parameter in self._parameters.values():
            parameter.value[...] = parameter.initialiser(rng, parameter.value.shape)
        for child, stream in zip(
            self._children.values(), rng.spawn(len(self._children)), strict=True
        ):
            child.initialise(stream)

    def copy(self) -> Self:
        """A network of its own with the same parameters."""
        return copy.deepcopy(self)

    def __copy__(self) -> Self:
        return self.copy()  # a shallow copy would take the parameters from this network's buffer

    def astype(self, dtype: Any) -> Self:
        """A copy that computes in another dtype."""
        other = copy.deepcopy(self)
        other._convert(check_dtype(dtype))
        other._sealed()
        return other

    def _convert(self, dtype: np.dtype[Any]) -> None:
        self.dtype, self._buffer = dtype, None
        for parameter in self._parameters.values():
            parameter.value = parameter.value.astype(dtype)
            parameter.grad = parameter.grad.astype(dtype)
        for child in self._children.values():
            child._convert(dtype)

    def modules(self) -> Iterator[Any]:
        """The network and every layer in it."""
        yield self
        for child in self._children.values():
            yield from child.modules()

    def leaves(self, prefix: str = "") -> Iterator[tuple[str, Any]]:
        """The layers that hold parameters or have no layers inside, by name."""
        if self._parameters or not self._children:
            yield prefix.rstrip(".") or "net", self
        for name, child in self._children.items():
            yield from child.leaves(f"{prefix}{name}.")


def _as_array(name: str, value: Any) -> Array:
    """A state dict's entry; PyTorch refuses some with errors of its own."""
    try:
        array: Array = np.asarray(value)
    except (TypeError, RuntimeError, ValueError) as error:
        raise StateDictError(f"{name} cannot be read as a NumPy array: {error}") from error
    return array


def begins_with(name: str, prefix: str) -> bool:
    """Whether a parameter's name begins so; a number at the end of the prefix is whole.

    Examples
    --------
    >>> begins_with("1.bias", "1"), begins_with("10.bias", "1"), begins_with("0.bias_ih_l0", "0.b")
    (True, False, True)
    """
    rest = name[len(prefix) :]
    cut_number = prefix[-1:].isdigit() and rest[:1] not in ("", ".", "_")
    return name.startswith(prefix) and not cut_number
