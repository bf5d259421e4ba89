#pragma once

// Sanitizers make everything several times slower. Bounds on time hold for the program as users run it; under a
// sanitizer they are only there to end a test that hangs.

namespace dskd::test
{

#if defined(__SANITIZE_ADDRESS__)
inline constexpr int kTimeScale = 10;
#else
inline constexpr int kTimeScale = 1;
#endif

} // namespace dskd::test
