#include "ui/feed/background.h"

#include "tests/support/time_scale.h"
#include "tests/ui/feed/event_loop.h"

#include <chrono>
#include <gmock/gmock.h>
#include <thread>

namespace dskd::ui
{
namespace
{

using test::spinUntil;
using testing::ElementsAre;
using namespace std::chrono_literals;

TEST(Background, WorksElsewhereInOrderAndAnswersHere)
{
    Background background("test");
    QObject receiver;
    std::vector<int> results;
    for (int i = 0; i < 3; ++i) {
        background.run(
            &receiver,
            [i, here = QThread::currentThread()](const std::atomic<bool>&) -> Result<int> {
                return QThread::currentThread() == here ? -1 : i;
            },
            [&, here = QThread::currentThread()](Result<int> result) {
                results.push_back(QThread::currentThread() == here ? result.value() : -2);
            });
    }
    EXPECT_TRUE(results.empty());
    ASSERT_TRUE(spinUntil([&] { return results.size() == 3; }));
    EXPECT_THAT(results, ElementsAre(0, 1, 2));
}

TEST(Background, TurnsExceptionsIntoFailures)
{
    Background background("test");
    QObject receiver;
    std::vector<Failure> failures;
    const auto keep = [&](Result<int> result) { failures.push_back(result.failure()); };
    background.run(
        &receiver, [](const std::atomic<bool>&) -> Result<int> { throw Error("No disk.", "Mount it."); }, keep);
    background.run(
        &receiver, [](const std::atomic<bool>&) -> Result<int> { throw std::runtime_error("odd"); }, keep);
    ASSERT_TRUE(spinUntil([&] { return failures.size() == 2; }));
    EXPECT_EQ(failures[0].hint, "Mount it.");
    EXPECT_EQ(failures[1].what, "odd");
}

TEST(Background, KeepsAnswersFromReceiversThatAreGone)
{
    Background background("test");
    auto receiver = std::make_unique<QObject>();
    QObject other;
    bool answeredTheDead = false;
    bool answeredTheLiving = false;
    const auto work = [](const std::atomic<bool>&) -> Result<int> { return 1; };
    background.run(receiver.get(), work, [&](const Result<int>&) { answeredTheDead = true; });
    background.run(&other, work, [&](const Result<int>&) { answeredTheLiving = true; });
    receiver.reset();
    ASSERT_TRUE(spinUntil([&] { return answeredTheLiving; }));
    EXPECT_FALSE(answeredTheDead);
}

TEST(Background, EndsAsSoonAsTheWorkSeesThatItIsCancelled)
{
    std::atomic<bool> begun = false;
    std::atomic<bool> secondBegun = false;
    QObject receiver;
    QElapsedTimer timer;
    {
        Background background("test");
        background.run(
            &receiver,
            [&](const std::atomic<bool>& cancelled) -> Result<int> {
                begun = true;
                for (int i = 0; i < 20000 && !cancelled; ++i) {
                    std::this_thread::sleep_for(1ms);
                }
                return 0;
            },
            [](const Result<int>&) {});
        background.run(
            &receiver,
            [&](const std::atomic<bool>&) -> Result<int> {
                secondBegun = true;
                return 0;
            },
            [](const Result<int>&) {});
        while (!begun) {
            std::this_thread::sleep_for(1ms);
        }
        timer.start();
    }
    EXPECT_LT(timer.elapsed(), 2000 * test::kTimeScale);
    EXPECT_FALSE(secondBegun);
}

} // namespace
} // namespace dskd::ui
