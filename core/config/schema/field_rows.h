#pragma once

// How the rows of the configuration reference are written: one call per field, typed by what it reads and writes. Only
// for the files that hold the rows.

#include "core/config/schema/choices.h"
#include "core/config/schema/field_values.h"
#include "core/config/schema/fields.h"

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dskd::config::rows
{

class Table
{
public:
    std::vector<Field> rows;

    template <typename Access>
    void number(std::string path, Access access, Range range, std::string explanation)
    {
        add(std::move(path), "number", range.text(), std::move(explanation), access,
            [range](double& value, const json& given) { return storeNumber(value, given, range); });
    }

    template <typename Access>
    void integer(std::string path, Access access, Range range, std::string explanation)
    {
        add(std::move(path), "integer", range.integerText(), std::move(explanation), access,
            [range](auto& value, const json& given) { return storeInteger(value, given, range); });
    }

    template <typename Access>
    void boolean(std::string path, Access access, std::string explanation)
    {
        add(std::move(path), "boolean", "true | false", std::move(explanation), access, storeBoolean);
    }

    template <typename Access>
    void text(std::string path, Access access, std::string explanation)
    {
        add(std::move(path), "string", "", std::move(explanation), access, storeText);
    }

    template <typename Access>
    void file(std::string path, Access access, std::string explanation)
    {
        text(std::move(path), access, std::move(explanation));
        rows.back().isPath = true;
        rows.back().info.allowed = "a path, relative to the configuration file";
    }

    template <typename Access>
    void choice(std::string path, Access access, std::string explanation)
    {
        using Enum = std::remove_reference_t<decltype(access(std::declval<Experiment&>()))>;
        add(std::move(path), "choice", choicesText<Enum>(), std::move(explanation), access, storeChoice<Enum>);
        for (const Choice<Enum>& row : choicesOf<Enum>()) {
            rows.back().info.choices.emplace_back(row.name);
            rows.back().info.meanings.push_back(row.sentence);
        }
    }

private:
    // `store(value, given)` returns why it refuses.
    template <typename Access, typename Store>
    void add(std::string path, std::string type, std::string allowed, std::string explanation, Access access,
             Store store)
    {
        Field field;
        field.read = [access](const Experiment& e) -> json {
            if constexpr (std::is_enum_v<std::remove_cvref_t<decltype(access(e))>>) {
                return name(access(e));
            } else {
                return access(e);
            }
        };
        field.write = [access, store](Experiment& e, const json& given) { return store(access(e), given); };
        field.info.path = std::move(path);
        field.info.type = std::move(type);
        field.info.defaultText = field.read(Experiment{}).dump();
        field.info.allowed = std::move(allowed);
        field.info.explanation = std::move(explanation);
        rows.push_back(std::move(field));
    }
};

// An accessor that serves reading and writing: FIELD(train.lr) gives e.train.lr as a reference of e's constness.
#define FIELD(member)                                                                                                  \
    [](auto& e) -> auto&                                                                                               \
    {                                                                                                                  \
        return e.member;                                                                                               \
    }

// The rows of method, key_query, on_policy, policy_gradient and projector.
void addMethodFields(Table& table);

} // namespace dskd::config::rows
