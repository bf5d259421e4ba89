#pragma once

// Sentences that list rows of a table by name: "cma or cla", "kl, js and tvd".

#include <cstddef>
#include <string>

namespace dskd::config
{

// The names of the rows for which `holds`, separated by commas, the last two by `last` (" or ").
template <typename Row, std::size_t N, typename Holds>
std::string namesOf(const Row (&rows)[N], const Holds& holds, const std::string& last)
{
    std::string names;
    std::string pending;
    for (const Row& row : rows) {
        if (holds(row)) {
            names += names.empty() || pending.empty() ? pending : ", " + pending;
            pending = row.name;
        }
    }
    return names.empty() ? pending : names + last + pending;
}

} // namespace dskd::config
