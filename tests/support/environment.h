#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace dskd::test
{

// Changes an environment variable of this process and of what it starts; gives it back its former value, or takes it
// away again where there was none, also when a test ends early. REQUIRES: no other thread reads the environment
// meanwhile; several of one name end in the reverse order.
class EnvironmentVariable
{
public:
    // No value: the variable is taken away.
    EnvironmentVariable(std::string name, const std::optional<std::string>& value) : m_name(std::move(name))
    {
        if (const char* before = std::getenv(m_name.c_str())) {
            m_before = before;
        }
        set(value);
    }
    ~EnvironmentVariable() { set(m_before); }
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

    // Another value until the end.
    void set(const std::optional<std::string>& value)
    {
        if (value) {
            ::setenv(m_name.c_str(), value->c_str(), /*overwrite=*/1);
        } else {
            ::unsetenv(m_name.c_str());
        }
    }

private:
    std::string m_name;
    std::optional<std::string> m_before;
};

} // namespace dskd::test
