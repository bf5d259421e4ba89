#include "core/model/folder/families/family.h"

#include <algorithm>

namespace dskd::model
{

// Each in the file of its name.
extern const Family kGpt2, kLlama, kMistral, kQwen2, kQwen3, kPhi3, kGemma, kGemma2, kGemma3, kGptNeoX, kOlmo, kOlmo2,
    kSmolLm3, kExaone4;

namespace
{
constexpr std::array kFamilies{&kGpt2,   &kLlama,  &kMistral, &kQwen2, &kQwen3, &kPhi3,    &kGemma,
                               &kGemma2, &kGemma3, &kGptNeoX, &kOlmo,  &kOlmo2, &kSmolLm3, &kExaone4};
} // namespace

std::span<const Family* const> families()
{
    return kFamilies;
}

const Family* findFamily(std::string_view modelType)
{
    const auto found = std::find_if(kFamilies.begin(), kFamilies.end(),
                                    [&](const Family* family) { return family->modelType == modelType; });
    return found == kFamilies.end() ? nullptr : *found;
}

std::string familyName(const Family* family)
{
    return family->modelType;
}

} // namespace dskd::model
