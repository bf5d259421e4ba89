#pragma once

// What `dskd align` prints.

#include "app/cli/terminal/console.h"
#include "core/align/coverage_report.h"
#include "core/align/map_cut.h"
#include "core/align/minimum_edits.h"
#include "core/align/vocabulary.h"
#include "core/config/schema/alignment.h"
#include "core/config/schema/data_config.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace dskd::cli
{

// One recorded map of a run.
struct MapInChunks {
    std::string name;
    std::int64_t sample = 0;
    std::int64_t step = 0;
    std::optional<double> inside; // share of the attention that stays inside the true chunk
    align::MapSide rows = {};
    align::MapSide columns = {};
};

struct MeasuredAlignment {
    std::string method; // its name on the command line
    config::AlignmentRow alignment = config::rowOf(config::Alignment::Eta);
    align::VocabularyComparison vocabularies;
    align::CoverageReport report;
    std::size_t brokenLines = 0;
    const align::MinimumEdits* edits = nullptr; // only MinED
    config::DataConfig lengths;                 // what samples were cut to
    bool cut = false;                           // samples were cut, else whole answers were looked at
    std::optional<std::string> run;             // whose data and tokenizers these are
    std::vector<MapInChunks> maps;              // only of a run
};

struct ListedRows {
    std::int64_t worst = 0; // so many samples
    bool unaligned = false; // the tokens without a partner
};

[[nodiscard]] std::string nameOf(const config::AlignmentRow& row); // as `dskd align --method` calls it

[[nodiscard]] nlohmann::json toJson(const MeasuredAlignment& measured, const ListedRows& listed);
void print(const MeasuredAlignment& measured, const ListedRows& listed, Console& console);

} // namespace dskd::cli
