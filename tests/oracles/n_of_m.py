"""N of M, one row at a time, with a list for a memory."""


def n_of_m(history, decisions, enough, of):
    """Return the answers; `history` holds earlier decisions as booleans and is appended to."""
    out = []
    for decision in decisions:
        if decision == 0:
            out.append(0)
            continue
        history.append(decision > 0)
        out.append(1 if sum(history[-of:]) >= enough else -1)
    return out
