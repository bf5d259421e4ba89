#pragma once

// Our programs with file_faults.cpp preloaded: the N-th call that changes a file goes wrong.

#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dskd::test
{

struct Fault {
    std::string kind; // "count", "kill", "full", "error": see file_faults.cpp
    long at = 0;      // the number of the call, from 1
};

struct Ended {
    int code = 0;                   // exit code, or minus the signal
    std::string output;             // stdout and stderr
    std::vector<std::string> calls; // those that change files, in order: "12 rename /folder/file"
};

// Runs the program to its end with the fault in calls below `root`. `environment` is added to ours.
[[nodiscard]] Ended runWithFault(const std::string& program, const std::vector<std::string>& arguments,
                                 const std::filesystem::path& root, const Fault& fault,
                                 const std::map<std::string, std::string>& environment = {});
// The same without a fault.
[[nodiscard]] Ended runProgram(const std::string& program, const std::vector<std::string>& arguments);

// Which of `calls` calls are tried: all of them where the environment variable DSKD_FAULT_POINTS is "all", else as many
// as it names (`few` where it is not set), evenly spread, the first and the last among them.
[[nodiscard]] std::vector<long> faultPoints(std::size_t calls, std::size_t few);

// Adds to the figures that packaging/test_faults.sh prints: one line in the file that DSKD_FAULT_FIGURES names.
void countPoints(const std::string& what, std::size_t points);

} // namespace dskd::test
