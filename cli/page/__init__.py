"""The local page of ``actuarial serve``: a server on 127.0.0.1, its pages, and the work behind them."""
