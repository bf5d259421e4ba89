#pragma once

// What a training run does besides its steps: records probes, validates, keeps checkpoints.

#include <cstdint>
#include <string>

namespace dskd::config
{

struct LogConfig {
    std::int64_t probeSamples = 2; // validation samples whose attention and representation spaces are recorded
    // Lines of the data file whose samples these are, as parseNumbers reads them, the first is 1; empty: the first
    // probeSamples of the file.
    std::string probeLines;
    std::int64_t probeEvery = 50; // steps; 0: never
    // Tokens of each side that a recorded map holds at most, from the first on; 0: all of the sample.
    std::int64_t mapTokens = 512;
    std::int64_t gradientNormEvery = 0; // steps between recordings of each loss term's gradient norm; 0: never
    // Model folder, with its tokenizer, that the probes compare with where the method has no teacher; never learned
    // from. Empty: none.
    std::string probeTeacher;
};

struct ValidationConfig {
    std::int64_t every = 100;         // steps; 0: only at the end
    std::int64_t generateSamples = 0; // answers generated and scored by ROUGE-L at each validation
    std::int64_t maxNewTokens = 64;
    double temperature = 0.0; // 0: greedy
    double topP = 1.0;
    std::int64_t topK = 0;
};

struct CheckpointConfig {
    std::int64_t every = 0; // steps; 0: only at the end and when stopped
    std::int64_t keep = 1;  // older ones are deleted; the last and the best by validation loss stay
};

} // namespace dskd::config
