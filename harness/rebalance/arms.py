"""The arms: what is set in each, and how an instance of it is stopped. Data with reasons.

Knows the settings by their names only. The limits are scaled down with the time: what takes ten
seconds here takes minutes in production, where N is a hundred times this one.
"""

from dataclasses import dataclass

from rebalance import protocols

AGE = 8  # seconds, of a run of two minutes
JITTER = 50  # percent: so few requests leave no room for less


@dataclass(frozen=True)
class Arm:
    name: str
    says: str
    preloaded: bool = True
    requests: int = 0  # exchanges of a connection; 0: off
    age: float = 0.0  # seconds; 0: off
    jitter: int = 0
    drained: bool = True  # before it is stopped, as by a preStop hook
    clean: bool = True  # is not one request to fail?

    def settings(self, rate=None):
        limits = {"LASTCALL_REQUESTS": str(self.requests or "off"),
                  "LASTCALL_AGE": f"{round(self.age * 1000)}ms" if self.age else "off",
                  "LASTCALL_JITTER": f"{self.jitter}%"}
        return limits | ({"LASTCALL_RATE": f"{rate}/s"} if rate else {})


def arms(requests=protocols.HTTP1.requests, age=AGE, jitter=JITTER):
    return {arm.name: arm for arm in (
        Arm("bare", "without lastcall", preloaded=False, drained=False, clean=False),
        Arm("drain", "no limit; a drain before an instance stops"),
        Arm("n", f"N = {requests}", requests=requests),
        Arm("n-jitter", f"N = {requests}, jitter {jitter}%", requests=requests, jitter=jitter),
        Arm("age-jitter", f"age {age:g} s, jitter {jitter}%", age=age, jitter=jitter),
        Arm("no-drain", f"N = {requests}, jitter {jitter}%, stopped without a drain",
            requests=requests, jitter=jitter, drained=False, clean=False),
    )}


# When two cores are not to be had.
FEWER = ("bare", "n-jitter")
