"""Steps on the thorn that needs a process whose time is not patched."""

import eventlet

eventlet.monkey_patch(all=False, socket=True)

from thorns import unpatched


def main():
    print(unpatched.poll())


if __name__ == '__main__':
    main()
