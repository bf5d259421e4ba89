"""What the program draws at random while it trains, for trajectory_reference.py: which samples share a step, and when
the student answers itself. The generators are published ones (FNV-1a, SplitMix64, xoshiro256**); names and use of the streams
are those of core/base/random_stream.h, core/train/data/batch_order.h and core/train/answers/answer_schedule.h. No
mathematics of a method is here.
"""

MASK = (1 << 64) - 1


def split_mix(state):
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return state, z ^ (z >> 31)


def stream_seed(seed, name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return split_mix(seed ^ value)[1]


def rotated(word, bits):
    return ((word << bits) | (word >> (64 - bits))) & MASK


class Stream:
    def __init__(self, seed, name):
        state = stream_seed(seed, name)
        self.words = []
        for _ in range(4):
            state, word = split_mix(state)
            self.words.append(word)

    def next(self):
        s = self.words
        result = (rotated((s[1] * 5) & MASK, 7) * 9) & MASK
        shifted = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotated(s[3], 45)
        return result

    def uniform(self):
        return (self.next() >> 11) / (1 << 53)

    def below(self, bound):
        while (value := self.next()) < (1 << 64) % bound:
            pass
        return value % bound


class BatchOrder:
    """Every epoch a new permutation; micro-batches of `batch`, `accumulation` of them a step."""

    def __init__(self, seed, samples, batch, accumulation):
        self.seed, self.samples, self.batch = seed, samples, batch
        self.per_step = batch * accumulation
        self.steps_per_epoch = -(-samples // self.per_step)

    def micro_batches(self, step):
        epoch, place = divmod(step, self.steps_per_epoch)
        order = list(range(self.samples))
        stream = Stream(stream_seed(self.seed, "shuffle"), f"epoch {epoch}")
        for i in range(self.samples, 1, -1):
            j = stream.below(i)
            order[i - 1], order[j] = order[j], order[i - 1]
        order = order[place * self.per_step:(place + 1) * self.per_step]
        return [order[i:i + self.batch] for i in range(0, len(order), self.batch)]


def own_answers_draw(seed, update, batch):
    """r of METHOD.md 7.2."""
    return Stream(seed, f"on-policy {update} {batch}").uniform()


def replayed(buffer, count, seed, update, batch):
    stream = Stream(seed, f"replay {update} {batch}")
    places = list(range(len(buffer)))
    for i in range(min(count, len(places))):
        j = i + stream.below(len(places) - i)
        places[i], places[j] = places[j], places[i]
    return [buffer[place] for place in places[:count]]
