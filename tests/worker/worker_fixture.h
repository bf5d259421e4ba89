#pragma once

// Runs of real workers in one folder with tiny models.

#include "tests/worker/worker_process.h"

#include <gtest/gtest.h>
#include <memory>

namespace dskd::test
{

inline constexpr int kDone = 0;

class Worker : public testing::Test
{
protected:
    static void SetUpTestSuite() { folder = std::make_unique<WorkerFolder>(); }
    static void TearDownTestSuite() { folder.reset(); }

    static inline std::unique_ptr<WorkerFolder> folder;
};

} // namespace dskd::test
