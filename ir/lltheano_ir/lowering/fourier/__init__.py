"""The Fourier transform: its functions of the loop IR, and the op that calls them."""
