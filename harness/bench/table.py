"""Prints rows of text as a table: the first column, or more, to the left, the others to the right."""


def printed(lines, left=1):
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(aligned(line, widths, left) for line in lines)


def aligned(line, widths, left):
    cells = [cell.ljust(width) if number < left else cell.rjust(width)
             for number, (cell, width) in enumerate(zip(line, widths))]
    return "  ".join(cells).rstrip()
