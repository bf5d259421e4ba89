#pragma once

// What a person chooses of a matrix from a list: names for commands and files, titles for the window.

#include "core/jobs/matrix.h"

#include <string_view>

namespace dskd::jobs
{

// What stands behind a mean.
enum class Spread { Deviation, Error, Interval };
struct SpreadRow {
    Spread spread;
    std::string_view name;  // "std": in commands and files
    std::string_view title; // "standard deviation"
};
inline constexpr SpreadRow kSpreads[] = {
    {Spread::Deviation, "std", "standard deviation"},
    {Spread::Error, "sem", "standard error of the mean"},
    {Spread::Interval, "ci95", "half the 95 % interval by Student's t"},
};
struct WithinRow {
    BestWithin within;
    std::string_view name; // in commands and files
    std::string_view title;
};
inline constexpr WithinRow kWithins[] = {
    {BestWithin::Column, "column", "its column"},
    {BestWithin::ColumnGroup, "group", "its group of columns"},
    {BestWithin::Table, "table", "the table"},
};
struct PairingRow {
    Pairing pairing;
    std::string_view name; // in commands and files
    std::string_view title;
};
inline constexpr PairingRow kPairings[] = {
    {Pairing::Auto, "auto", "seeds, else answers"},
    {Pairing::Seeds, "seeds", "seeds (t-test)"},
    {Pairing::Samples, "samples", "answers (bootstrap)"},
};
struct RevisionsRow {
    Revisions revisions;
    std::string_view name; // in commands and files
    std::string_view title;
};
inline constexpr RevisionsRow kRevisions[] = {
    {Revisions::Newest, "newest", "the newest revision"},
    {Revisions::All, "all", "all revisions"},
};

} // namespace dskd::jobs
