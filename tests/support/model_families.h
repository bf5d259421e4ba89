#pragma once

// The families of models by name, for tests that hold for every one of them.

#include "core/model/folder/families/family.h"

#include <string>
#include <vector>

namespace dskd::test
{

// Their model_type, in the order of the table.
inline std::vector<std::string> familyNames()
{
    std::vector<std::string> names;
    for (const model::Family* family : model::families()) {
        names.push_back(model::familyName(family));
    }
    return names;
}

} // namespace dskd::test
