"""What programs ask before they use a GPU: there is none."""

import warnings
from typing import Any, Final

__all__ = ["cuda_available", "cuda_enabled", "pygpu_activated", "use"]

cuda_available: Final = False
cuda_enabled: Final = False
pygpu_activated: Final = False


def use(device: Any, *arguments: Any, **options: Any) -> None:
    """Warn that programs run on the processor.

    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     use("gpu0")
    >>> str(caught[0].message)
    "there is no GPU back end: the program runs on the processor, not on 'gpu0'"
    """
    warnings.warn(
        f"there is no GPU back end: the program runs on the processor, not on {device!r}",
        stacklevel=2,
    )
