// Combinations that cannot train: each sentence names the two sides, and each way out that it offers works.

#include "core/preflight/rules.h"

#include "core/base/atomic_file.h"
#include "core/config/methods/method_table.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment_json.h"
#include "core/tokenizer/chat/chat_tokenizer.h"
#include "tests/support/fake_tokenizer.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace dskd::preflight
{
namespace
{

using test::FakeTokenizer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

config::Experiment named(std::string_view method)
{
    config::Experiment experiment;
    experiment.student.model = "/student";
    experiment.teacher.model = "/teacher";
    experiment.data.train = "/train.jsonl";
    experiment.data.validation = "/dev.jsonl";
    config::setField(experiment, "method", method).value();
    return experiment;
}

Result<void> checkDifferent(const config::Experiment& experiment)
{
    const FakeTokenizer student({"a", "b", "</s>"}, "</s>");
    const FakeTokenizer teacher({"a", "b", "c", "</s>"}, "</s>");
    return checkVocabularies(experiment, {student, "models/student"}, {teacher, "models/teacher"}, false);
}

TEST(VocabularyRules, AllowTheMethodsForAnyTokenizersAndNoOther)
{
    for (const config::NamedMethod& method : config::namedMethods()) {
        EXPECT_EQ(checkDifferent(named(method.id)).ok(), method.vocabularies == config::Vocabularies::Any) << method.id;
        EXPECT_TRUE(
            checkVocabularies(named(method.id), {FakeTokenizer({"a"}, ""), "s"}, {FakeTokenizer({"a"}, ""), "t"}, true))
            << method.id;
    }
}

TEST(VocabularyRules, NameTheReasonAndBothVocabularies)
{
    const std::pair<const char*, const char*> reasons[] = {
        {"vanilla", "vanilla distillation"},
        {"dskd", "projects the teacher's state"},
        {"dskd-v2", "projects the teacher's state"},
        {"imitkd", "ImitKD and GKD"},
        {"gkd", "ImitKD and GKD"},
        {"distillm", "DistiLLM"},
        {"minillm", "policy-gradient\" (MiniLLM) rewards"},
    };
    for (const auto& [method, reason] : reasons) {
        const auto checked = checkDifferent(named(method));
        ASSERT_FALSE(checked) << method;
        EXPECT_THAT(checked.failure().what, AllOf(HasSubstr(reason), HasSubstr("the vocabularies differ"),
                                                  HasSubstr("student has a fake with 3 tokens (models/student)"),
                                                  HasSubstr("teacher a fake with 4 tokens (models/teacher)")));
    }
    config::Experiment byPlace = named("uld");
    byPlace.method.distance = Distance::Kl;
    EXPECT_THAT(checkDifferent(byPlace).failure().what,
                HasSubstr("method.alignment is \"position\" and method.distance \"kl\""));
}

// The ids that the hint lists, in its order: "... tokenizers: dskd-eta (...), uld (...)".
std::vector<std::string> offered(const Failure& failure)
{
    std::map<std::size_t, std::string> found;
    for (const config::NamedMethod& method : config::namedMethods()) {
        const std::string id(method.id);
        const std::size_t at = failure.hint.find(" " + id + " (");
        if (at != std::string::npos) {
            found.emplace(at, id);
        }
    }
    std::vector<std::string> ids;
    for (const auto& [at, id] : found) {
        ids.push_back(id);
    }
    return ids;
}

TEST(VocabularyRules, OfferNamedMethodsThatWork)
{
    for (const config::NamedMethod& method : config::namedMethods()) {
        config::Experiment experiment = named(method.id);
        const auto checked = checkDifferent(experiment);
        if (checked) {
            continue;
        }
        const auto ways = offered(checked.failure());
        EXPECT_THAT(ways, testing::UnorderedElementsAre("dskd-eta", "dskd-cma", "uld", "sub-vocabulary", "mined"));
        const double ratio = experiment.onPolicy.ratio;
        for (const std::string& way : ways) {
            config::Experiment cured = experiment;
            ASSERT_TRUE(config::setField(cured, "method", way)) << way;
            cured.onPolicy.ratio = ratio; // as the hint says
            EXPECT_TRUE(checkDifferent(cured)) << method.id << " -> " << way;
            const auto problems = config::validate(cured);
            EXPECT_TRUE(problems.empty()) << method.id << " -> " << way << ": " << problems.front().what;
        }
    }
}

TEST(VocabularyRules, OfferTheNearestMethodsFirst)
{
    EXPECT_THAT(offered(checkDifferent(named("dskd")).failure()),
                testing::ElementsAre("dskd-eta", "dskd-cma", "uld", "sub-vocabulary", "mined"));
    EXPECT_THAT(offered(checkDifferent(named("gkd")).failure()),
                testing::ElementsAre("uld", "sub-vocabulary", "mined", "dskd-eta", "dskd-cma"));
}

TEST(VocabularyRules, SayHowToKeepTheStudentsOwnAnswers)
{
    EXPECT_THAT(checkDifferent(named("vanilla")).failure().hint, Not(HasSubstr("on_policy.ratio")));
    EXPECT_THAT(checkDifferent(named("gkd")).failure().hint, HasSubstr("set on_policy.ratio again"));
}

TEST(VocabularyRules, TellDifferentTemplatesFromDifferentVocabularies)
{
    const auto make = [](std::optional<std::string> system) {
        auto plain = std::make_unique<FakeTokenizer>(
            std::vector<std::string>{"a", "<|im_start|>", "<|im_end|>", "</s>"}, "</s>");
        auto chat = tokenizer::ChatTemplate::make(tokenizer::ChatFamily::ChatMl, *plain).value();
        chat.defaultSystem = std::move(system);
        return tokenizer::ChatTokenizer(std::move(plain), std::move(chat));
    };
    const auto student = make({});
    const auto teacher = make("Be kind.");
    const auto checked = checkVocabularies(named("vanilla"), {student, "s"}, {teacher, "t"}, false);
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.failure().what,
                AllOf(HasSubstr("the chat templates differ"), HasSubstr("student's is ChatML (s)"),
                      HasSubstr("teacher's ChatML, with the system message \"Be kind.\" (t)"),
                      Not(HasSubstr("vocabularies differ"))));
    EXPECT_THAT(checked.failure().hint, AllOf(HasSubstr("data.template"), HasSubstr("dskd-eta")));
    EXPECT_TRUE(checkVocabularies(named("dskd-eta"), {student, "s"}, {teacher, "t"}, false));
}

// Puts <s> before whole texts, as Llama's post-processor does.
class BeginningTokenizer final : public tokenizer::Tokenizer
{
public:
    [[nodiscard]] tokenizer::Encoding encode(std::string_view text, bool addSpecial = false) const override
    {
        tokenizer::Encoding encoding = m_plain.encode(text);
        if (addSpecial) {
            encoding.ids.insert(encoding.ids.begin(), *m_plain.special().bos);
            encoding.offsets.insert(encoding.offsets.begin(), tokenizer::ByteSpan{});
        }
        return encoding;
    }
    [[nodiscard]] std::string decode(std::span<const tokenizer::TokenId> ids, bool skip = false) const override
    {
        return m_plain.decode(ids, skip);
    }
    [[nodiscard]] std::string_view piece(tokenizer::TokenId id) const override { return m_plain.piece(id); }
    [[nodiscard]] std::string bytes(tokenizer::TokenId id) const override { return m_plain.bytes(id); }
    [[nodiscard]] std::optional<tokenizer::TokenId> idOf(std::string_view piece) const override
    {
        return m_plain.idOf(piece);
    }
    [[nodiscard]] bool isSpecial(tokenizer::TokenId id) const override { return m_plain.isSpecial(id); }
    [[nodiscard]] std::int64_t size() const override { return m_plain.size(); }
    [[nodiscard]] const tokenizer::SpecialTokens& special() const override { return m_plain.special(); }
    [[nodiscard]] std::string_view kind() const override { return m_plain.kind(); }

private:
    FakeTokenizer m_plain{{"<s>", "a", "</s>"}, "</s>"};
};

TEST(EndRemarks, SayWhatNothingEnds)
{
    EXPECT_THAT(endRemarks("student", FakeTokenizer({"a", "</s>"}, "</s>")), testing::IsEmpty());
    EXPECT_THAT(endRemarks("student", FakeTokenizer({"a"}, "")),
                testing::ElementsAre(HasSubstr("No file of the student names a token that ends a text")));
}

TEST(BeginRemark, SaysWhatTheSamplesLack)
{
    EXPECT_EQ(beginRemark("teacher", FakeTokenizer({"<s>", "a", "</s>"}, "</s>"), "a"), std::nullopt)
        << "the tokenizer adds nothing";
    const auto remark = beginRemark("teacher", BeginningTokenizer(), "a");
    ASSERT_TRUE(remark);
    EXPECT_THAT(*remark, HasSubstr("The tokenizer of the teacher begins a text with <s>"));
}

TEST(ModelRules, RefuseAnEndBeyondTheEmbedding)
{
    const FakeTokenizer tokenizer({"a", "b", "</s>"}, "</s>");
    model::ModelConfig model;
    model.vocabularyRows = 3;
    model.eosIds = {2};
    EXPECT_TRUE(checkModel("student", model, tokenizer, {}));
    model.eosIds = {2, 99'999};
    const auto refused = checkModel("student", model, tokenizer, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().what, HasSubstr("names token 99999 as an end of texts (eos_token_id), but the model "
                                                  "has 3 rows"));
}

TEST(TotalSteps, AreTheStepsOrWhatTheEpochsNeed)
{
    config::TrainConfig train;
    train.epochs = 2.5;
    EXPECT_EQ(totalSteps(train, 10), 25);
    train.steps = 7;
    EXPECT_EQ(totalSteps(train, 10), 7);
    train.batchSize = 4;
    train.accumulation = 2;
    EXPECT_EQ(stepsPerEpoch(train, 16), 2);
    EXPECT_EQ(stepsPerEpoch(train, 17), 3);
}

TEST(Warmup, EndsWithinTheStepsThatEpochsMake)
{
    config::Experiment experiment;
    experiment.train.steps = 0;
    experiment.train.warmupSteps = 20;
    EXPECT_TRUE(checkWarmup(experiment, 20));
    const auto refused = checkWarmup(experiment, 19);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().what, HasSubstr("train.warmup_steps is 20, more than the 19 steps"));
}

TEST(Output, IsANewFileUnlessItMayBeReplaced)
{
    const test::TemporaryFolder folder;
    config::EvaluateConfig evaluate;
    EXPECT_TRUE(checkOutput(evaluate)) << "none is asked for";
    evaluate.output = folder / "answers.jsonl";
    EXPECT_TRUE(checkOutput(evaluate));
    const std::string answer = R"({"answer":"a","ended":true,"prompt":"p","sample":0})"
                               "\n";
    ASSERT_TRUE(writeFileAtomically(evaluate.output, answer + answer));
    EXPECT_THAT(checkOutput(evaluate).failure().text(),
                AllOf(HasSubstr("answers.jsonl, which is there already."), HasSubstr("--force")));
    evaluate.overwrite = true;
    EXPECT_TRUE(checkOutput(evaluate));
    evaluate.output = folder.path();
    EXPECT_THAT(checkOutput(evaluate).failure().what, HasSubstr("is a folder, not a file"));
    evaluate.output = folder / "none/answers.jsonl";
    EXPECT_EQ(checkOutput(evaluate).failure().kind, FailureKind::NotFound);
}

TEST(Output, ReplacesNothingButAnswers)
{
    const test::TemporaryFolder folder;
    config::EvaluateConfig evaluate;
    evaluate.output = folder / "mine";
    evaluate.overwrite = true;
    for (const std::string bytes : {"of last week", "\n", "[]\n",
                                    R"({"prompt":"p","output":"o"})"
                                    "\n",
                                    R"({"sample":0,"answer":"a"})"
                                    "\n",
                                    R"({"sample":0,"answer":"a","ended":t)"}) {
        ASSERT_TRUE(writeFileAtomically(evaluate.output, bytes));
        for (const bool overwrite : {true, false}) {
            evaluate.overwrite = overwrite;
            const auto refused = checkOutput(evaluate);
            ASSERT_FALSE(refused) << bytes;
            EXPECT_THAT(refused.failure().what, HasSubstr("is there already and holds no answers of this program"));
            EXPECT_EQ(refused.failure().hint, "Name another file.") << "replacing is refused too";
            EXPECT_EQ(refused.failure().kind, FailureKind::Usage);
        }
    }
    ASSERT_TRUE(writeFileAtomically(evaluate.output, ""));
    EXPECT_FALSE(checkOutput(evaluate));
    evaluate.overwrite = true;
    EXPECT_TRUE(checkOutput(evaluate)) << "an empty file holds nothing to lose";
}

} // namespace
} // namespace dskd::preflight
