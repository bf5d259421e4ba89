// How an experiment may be called.

#include "core/store/experiment_table.h"

#include <algorithm>
#include <cstddef>

namespace dskd::store
{
namespace
{

constexpr std::string_view kGroup = "group:"; // before the group, where a run is named

// Where "@2" begins at the end of a name; npos: it does not end so.
std::size_t revisionIn(const std::string& name)
{
    const auto at = name.rfind('@');
    const bool isNumber = at != std::string::npos && at + 1 < name.size() &&
                          std::all_of(name.begin() + static_cast<std::ptrdiff_t>(at) + 1, name.end(),
                                      [](char c) { return c >= '0' && c <= '9'; });
    return isNumber ? at : std::string::npos;
}

bool isBlank(const std::string& text)
{
    return text.find_first_not_of(" \t\n") == std::string::npos;
}

} // namespace

std::string whyUnusableName(const std::string& name)
{
    if (isBlank(name)) {
        return "An experiment needs a name.";
    }
    const std::string begin = "The name \"" + name + "\" ";
    if (name.front() == '#') {
        return begin + "begins with #, as the numbers of experiments do.";
    }
    if (revisionIn(name) != std::string::npos) {
        return begin + "ends like a revision: \"dual@2\" is revision 2 of dual.";
    }
    if (name.starts_with(kGroup)) {
        return begin + "begins with \"" + std::string(kGroup) + "\", as groups of runs are named.";
    }
    return name == "last" ? begin + "stands for the newest run." : "";
}

std::string usableName(const std::string& wanted)
{
    if (isBlank(wanted)) {
        return {};
    }
    std::string name = wanted;
    while (!whyUnusableName(name).empty()) {
        if (isBlank(name)) { // nothing but what was taken off
            return "experiment";
        }
        if (const auto at = revisionIn(name); at != std::string::npos) {
            name[at] = '-';
        } else if (name.front() == '#') {
            name.erase(0, 1);
        } else if (name.starts_with(kGroup)) {
            name.erase(0, kGroup.size());
        } else {
            name += " experiment";
        }
    }
    return name;
}

} // namespace dskd::store
