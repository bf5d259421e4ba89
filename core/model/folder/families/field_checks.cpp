#include "core/model/folder/families/field_checks.h"

#include <algorithm>

namespace dskd::model
{

void refuseActivation(ConfigReader& reader, const ModelConfig& config, const std::string& activation,
                      const std::string& known)
{
    reader.refuse("the activation \"" + activation + "\" is not known for " + familyName(config.family) + "; known " +
                  known);
}

void refuseFlags(ConfigReader& reader, std::initializer_list<const char*> flags)
{
    for (const char* flag : flags) {
        if (reader.flagOr(flag, false)) {
            reader.refuse(std::string("\"") + flag + "\" is true, which is not supported");
        }
    }
}

double readLimit(ConfigReader& reader, const std::string& field, double fallback)
{
    return reader.numberOr(field, 1e-6, 1e9, reader.mentions(field) ? 0.0 : fallback);
}

nlohmann::ordered_json limitJson(double limit)
{
    return limit > 0.0 ? nlohmann::ordered_json(limit) : nlohmann::ordered_json();
}

void divideWidth(ConfigReader& reader, ModelConfig& config, const std::string& widthField,
                 const std::string& headsField)
{
    if (config.width % config.heads != 0) {
        reader.refuse("the width " + std::to_string(config.width) + " (" + widthField + ") is not a multiple of the " +
                      std::to_string(config.heads) + " heads (" + headsField + ")");
    }
    config.headWidth = std::max<std::int64_t>(config.width / config.heads, 1);
}

} // namespace dskd::model
