#include "tests/fuzz/target.h"

#include "tests/fuzz/readers.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace dskd::fuzz
{

std::span<const Target> targets()
{
    static constexpr std::array kTargets = {
        Target{"safetensors", readSafetensors, safetensorsSeeds},
        Target{"model_config", readConfig, configSeeds},
        Target{"adapter_config", readAdapter, adapterSeeds},
        Target{"shard_index", readShardIndex, shardIndexSeeds},
        Target{"tokenizer", readTokenizerFolder, tokenizerSeeds},
        Target{"merges", readVocabAndMerges, mergesSeeds},
        Target{"sentencepiece", readSentencePiece, sentencePieceSeeds},
        Target{"chat_template", readChatTemplate, chatTemplateSeeds},
        Target{"records", readRecordLines, recordSeeds},
        Target{"experiment", readExperiment, experimentSeeds},
        Target{"experiment_file", readExperimentFile, experimentFileSeeds},
        Target{"run_db", readRunDatabase, runDatabaseSeeds},
        Target{"series_file", readSeriesFile, seriesFileSeeds},
    };
    return kTargets;
}

const Target* findTarget(std::string_view name)
{
    const auto all = targets();
    const auto found =
        std::find_if(all.begin(), all.end(), [name](const Target& target) { return target.name == name; });
    return found == all.end() ? nullptr : &*found;
}

void run(const Target& target, std::string_view input)
{
    try {
        target.read(input);
    } catch (const Error& error) {
        requireSentence(error.failure());
    }
}

void require(bool holds, const char* promise)
{
    if (!holds) {
        std::fprintf(stderr, "promised: %s\n", promise);
        std::abort();
    }
}

void requireSentence(const Failure& failure)
{
    require(!failure.what.empty(), "a refusal says why");
}

} // namespace dskd::fuzz
