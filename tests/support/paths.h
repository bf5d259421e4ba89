#pragma once

// Where the tests find this checkout and the programs of their build. Only paths.cpp is compiled with these paths, so
// that ccache serves every other test object to all clones on a machine.

#include <string>

namespace dskd::test
{

// The top folder of the checkout, without a slash at its end.
[[nodiscard]] std::string sourceDir();
// tests/golden of the checkout.
[[nodiscard]] std::string goldenDir();
// A program of this build: "dskd", "dskd-worker", "fake_worker".
[[nodiscard]] std::string program(const std::string& name);

} // namespace dskd::test
