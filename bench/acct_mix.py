"""The accounting of many sessions on several NASes with everything that goes wrong on the way, and what is
true of each session. Used by acct_correctness.py. All is drawn from one seed; times are seconds before the
start of the run, so that the same seed gives the same mix.

The story: the NASes could not reach the server for four hours. Now they can, and send what they kept, each
packet with the Acct-Delay-Time that it has waited.
"""

import dataclasses
import random

SPAN = 4 * 3600.0
REBOOT_AT = -SPAN / 2
BACK_AT = REBOOT_AT + 60
INTERIM = 600.0

START, STOP, INTERIM_UPDATE, ACCOUNTING_ON = 1, 2, 3, 7


@dataclasses.dataclass(frozen=True)
class Nas:
    address: str
    gigawords: bool = True
    routeros_ids: bool = False
    reboots: bool = False
    announces: bool = False  # sends Accounting-On after its reboot


PLAIN_NASES = (
    Nas("127.0.0.11", routeros_ids=True),
    Nas("127.0.0.12", routeros_ids=True),
    Nas("127.0.0.17"),
    Nas("127.0.0.18"),
)
NARROW_NASES = (Nas("127.0.0.13", gigawords=False), Nas("127.0.0.14", gigawords=False))
REBOOTING_NASES = (
    Nas("127.0.0.15", reboots=True, announces=True),
    Nas("127.0.0.16", reboots=True),
)
TWIN_NASES = PLAIN_NASES[2:]
NASES = PLAIN_NASES + NARROW_NASES + REBOOTING_NASES


@dataclasses.dataclass
class Packet:
    """`at`: when it happened. `due`: when it is delivered, which orders all packets."""

    session: "Session"
    status: int
    at: float
    due: float
    counted: bool = True  # carries octets
    timed: bool = True  # carries Acct-Session-Time
    copies: int = 1  # of the same octets, at once


@dataclasses.dataclass
class Session:
    """One real session: what is true of it, and how its octets grow."""

    kind: str
    nas: Nas
    user: int
    session_id: str
    start: float
    end: float
    rate: int  # octets a second to the subscriber
    # "closed", "open", or None: what was delivered does not tell.
    state: str | None = "closed"
    packets: list = dataclasses.field(default_factory=list)

    def octets(self, at):
        """From and to the subscriber, as the NAS has counted them then."""
        down = int((at - self.start) * self.rate)
        return down // 8, down

    def told(self):
        """The most that the delivered packets tell of its octets."""
        counted = [packet.at for packet in self.packets if packet.counted]
        return self.octets(max(counted)) if counted else (0, 0)


class Mix:
    """Draws sessions until there are enough. `sessions` and `packets`, the latter in order of delivery."""

    def __init__(self, seed, count):
        self.random = random.Random(seed)
        self.next_user = 0
        self.next_id = dict.fromkeys(NASES, 1)
        self.sessions = []
        while len(self.sessions) < count:
            kind = self.random.choice(list(KINDS))
            KINDS[kind](self, kind)
        self.packets = [packet for session in self.sessions for packet in session.packets]
        self.packets += [
            Packet(Session("", nas, -1, "", REBOOT_AT, REBOOT_AT, 0), ACCOUNTING_ON, at=BACK_AT, due=BACK_AT)
            for nas in REBOOTING_NASES
            if nas.announces
        ]
        self.packets.sort(key=lambda packet: packet.due)

    # --- parts of a session -------------------------------------------------------------------------------

    def new_user(self):
        self.next_user += 1
        return self.next_user - 1

    def new_id(self, *nases):
        """One that is new on all of them."""
        number = max(self.next_id[nas] for nas in nases)
        for nas in nases:
            self.next_id[nas] = number + 1
        return f"{0x81300000 + number:08x}" if nases[0].routeros_ids else f"{number:08X}"

    def session(self, kind, nas=None, minutes=(15, 90), **fixed):
        """A session that has ended; its packets are not made yet."""
        nas = nas or self.random.choice(PLAIN_NASES)
        length = self.random.uniform(*minutes) * 60
        start = fixed.get("start", self.random.uniform(-SPAN, -length - fixed.get("margin", 120)))
        session = Session(
            kind=kind,
            nas=nas,
            user=fixed["user"] if "user" in fixed else self.new_user(),
            session_id=fixed.get("session_id") or self.new_id(nas),
            start=start,
            end=min(start + length, -60.0),
            rate=fixed.get("rate") or self.random.randrange(50_000, 900_000),
        )
        self.sessions.append(session)
        return session

    def deliver(self, session, status, at, **how):
        """Soon after it happened, unless `due` says otherwise."""
        how.setdefault("due", at + self.random.uniform(0, 1))
        packet = Packet(session=session, status=status, at=at, **how)
        session.packets.append(packet)
        return packet

    def begin(self, session):
        return self.deliver(session, START, session.start, counted=False, timed=False)

    def stop(self, session, **how):
        return self.deliver(session, STOP, session.end, **how)

    def interims(self, session, until=None):
        """One in thirty is lost on the way, but never two in a row, and never the first or the last."""
        times = []
        at = session.start + INTERIM
        while at < (session.end if until is None else until):
            times.append(at)
            at += INTERIM
        if not times:
            times = [(session.start + session.end) / 2]
        kept = []
        lost = False
        for i, at in enumerate(times):
            lost = not lost and 0 < i < len(times) - 1 and self.random.random() < 1 / 30
            if not lost:
                kept.append(self.deliver(session, INTERIM_UPDATE, at))
        return kept

    def whole(self, session):
        self.begin(session)
        self.interims(session)
        self.stop(session)

    def still_open(self, session):
        """Makes it one that goes on, with a last Interim-Update just before the run."""
        session.start = self.random.uniform(-90 * 60, -15 * 60)
        session.end = 0.0
        session.state = "open"
        self.begin(session)
        interims = self.interims(session, until=-60.0)
        interims.append(self.deliver(session, INTERIM_UPDATE, self.random.uniform(-30, -5)))
        return interims

    # --- kinds --------------------------------------------------------------------------------------------

    def plain(self, kind):
        session = self.session(kind)
        if self.random.random() < 0.2:
            self.still_open(session)
        else:
            self.whole(session)

    def duplicates(self, kind):
        """The response was late or lost: the same octets again, or the same news with a longer delay."""
        session = self.session(kind)
        self.whole(session)
        for packet in list(session.packets):
            choice = self.random.random()
            if choice < 0.3:
                packet.copies = self.random.choice((2, 3))
            elif choice < 0.6:
                again = dataclasses.replace(packet, due=packet.due + self.random.uniform(2, 60))
                session.packets.append(again)

    def reordered(self, kind):
        """Neighbours overtake each other: pairs from the first packet on, or up to the last but a Stop."""
        session = self.session(kind, minutes=(30, 90))
        if self.random.random() < 0.5:
            packets = self.still_open(session)
        else:
            self.whole(session)
            packets = session.packets[:-1]
        first = len(packets) % 2 if self.random.random() < 0.5 else 0
        for left, right in zip(packets[first::2], packets[first + 1 :: 2]):
            left.due, right.due = right.due, left.due

    def late_interim(self, kind):
        session = self.session(kind, minutes=(25, 90))
        if self.random.random() < 0.3:
            interims = self.still_open(session)[:-1]
        else:
            self.begin(session)
            interims = self.interims(session)
            self.stop(session)
        end = max(packet.due for packet in session.packets)
        self.random.choice(interims).due = end + self.random.uniform(5, 3600)

    def stop_before_start(self, kind):
        short = self.random.random() < 0.5
        session = self.session(kind, minutes=(1, 9) if short else (15, 60))
        if not short:
            self.interims(session)
        stop = self.stop(session)
        self.begin(session).due = stop.due + self.random.uniform(2, 300)

    def lost_start(self, kind):
        session = self.session(kind)
        self.interims(session)
        self.stop(session)

    def lost_stop(self, kind):
        session = self.session(kind, margin=1200)
        self.begin(session)
        self.interims(session)
        self.reconnect(session)

    def lost_both(self, kind):
        session = self.session(kind, margin=1200)
        self.interims(session)
        self.reconnect(session)

    def reconnect(self, session):
        """Two in three come back, from the same device on the same port: the old session is over."""
        session.state = None
        if self.random.random() < 1 / 3:
            return
        session.state = "closed"
        start = session.end + self.random.uniform(20, 300)
        self.whole(self.session("plain", session.nas, (5, 12), user=session.user, start=start))

    def empty_stop(self, kind):
        """A Stop without octets, every other one without Acct-Session-Time too."""
        session = self.session(kind)
        self.begin(session)
        self.interims(session)
        self.stop(session, counted=False, timed=self.random.random() < 0.5)

    def recycled_id(self, kind):
        """The NAS loses its power and counts its session ids from the beginning again."""
        nas = self.random.choice(REBOOTING_NASES)
        length = self.random.uniform(15, 60) * 60
        before = self.session(kind, nas, start=REBOOT_AT - length)
        before.end = REBOOT_AT
        self.begin(before)
        interims = self.interims(before)
        same_user = self.random.random() < 0.5
        after = self.session(
            kind,
            nas,
            start=REBOOT_AT + self.random.uniform(120, 1800),
            session_id=before.session_id,
            user=before.user if same_user else self.new_user(),
        )
        if not same_user and not nas.announces:
            before.state = None
        self.whole(after)
        if len(interims) > 1 and self.random.random() < 0.2:
            interims[-2].due = after.start + self.random.uniform(5, 600)

    def same_id_on_two(self, kind):
        """On two NASes; every other time the same subscriber, who moves from one to the other."""
        session_id = self.new_id(*TWIN_NASES)
        moves = self.random.random() < 0.5
        first = self.session(kind, TWIN_NASES[0], (15, 60), session_id=session_id)
        if not moves:
            second = self.session(kind, TWIN_NASES[1], (15, 60), session_id=session_id)
        else:
            first.start = self.random.uniform(-SPAN, -SPAN / 2)
            first.end = first.start + self.random.uniform(900, 3000)
            second = self.session(
                kind, TWIN_NASES[1], (15, 60), session_id=session_id, user=first.user, start=first.end + 60
            )
        self.whole(first)
        self.whole(second)

    def wrap_with_gigawords(self, kind):
        self.whole(self.long_session(kind, self.random.choice(PLAIN_NASES)))

    def wrap_without_gigawords(self, kind):
        """Between two delivered packets are less than 2^31 octets: a wrap that can be told."""
        self.whole(self.long_session(kind, self.random.choice(NARROW_NASES)))

    def long_session(self, kind, nas):
        return self.session(kind, nas, (110, 200), rate=self.random.randrange(800_000, 1_000_000))


# What draws each. All are as frequent; some are two sessions, and who reconnects adds a plain one.
KINDS = {
    "plain": Mix.plain,
    "duplicates": Mix.duplicates,
    "reordered": Mix.reordered,
    "late interim": Mix.late_interim,
    "stop before start": Mix.stop_before_start,
    "lost start": Mix.lost_start,
    "lost stop": Mix.lost_stop,
    "lost both ends": Mix.lost_both,
    "empty stop": Mix.empty_stop,
    "recycled id": Mix.recycled_id,
    "same id on two NASes": Mix.same_id_on_two,
    "wrap with gigawords": Mix.wrap_with_gigawords,
    "wrap without gigawords": Mix.wrap_without_gigawords,
}
