"""Side by side with peers, in one run, as ratios: `make bench`.

    figures/    one module per figure: which runs it compares, and what was promised
    children/   what runs in a fresh process of its own, so that CPU and memory are accounted to it alone

Only ratios within one run say something; the same run on another machine, or beside other work, gives other seconds.
"""
