"""Experience studies: histories of claimants, exposure, estimates, and the basis they give."""
