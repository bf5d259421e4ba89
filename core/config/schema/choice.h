#pragma once

// What is known of the choices of a field: one row a choice, with the name that configurations and databases hold
// (never rename one) and, for the fields that compose a method, what it means. The rows are in method_choices.h and
// job_choices.h; code that reads or writes names includes choices.h.

#include <string_view>

namespace dskd::config
{

template <typename Enum>
struct Choice {
    Enum value;
    std::string_view name;
    std::string_view sentence = {}; // empty where the names need no explanation
};

// One specialisation for each enumeration that a field may be of.
template <typename Enum>
inline constexpr void* kChoices = nullptr;

} // namespace dskd::config
