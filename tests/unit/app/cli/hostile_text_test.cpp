// What stands in names, data and models is printed so that a terminal shows it and does not obey it.

#include "app/cli/command_line.h"
#include "core/base/utf8.h"
#include "tests/support/paths.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

namespace dskd::cli
{
namespace
{

namespace fs = std::filesystem;
using testing::HasSubstr;

// A window title, the 8-bit form of "clear the screen", and marks that turn the text around.
const std::string kHostile = "\x1b]0;title\x07 \xc2\x9b"
                             "2J \u202egpj.exe\u2066";

// The characters of `text` that a terminal obeys; line ends and tabs aside.
std::set<char32_t> obeyed(const std::string& text)
{
    std::set<char32_t> found;
    for (std::size_t i = 0; i < text.size();) {
        const char32_t code = nextCodePoint(text, i);
        const bool control = (code < 0x20 && code != U'\n' && code != U'\t') || (code >= 0x7F && code < 0xA0);
        const bool mark = code == 0x061C || code == 0x200E || code == 0x200F;
        if (control || mark || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069)) {
            found.insert(code);
        }
    }
    return found;
}

class HostileText : public testing::Test
{
protected:
    void SetUp() override
    {
        fs::create_directories(m_place);
        auto workspace = store::WorkspaceDb::create(m_w).value();
        m_ids = test::fillSampleWorkspace(workspace, kHostile, 20);
        std::ofstream(m_data) << R"({"instruction": "i \u001b[2J", "output": ")"
                              << kHostile.substr(kHostile.find("\xc2")) << "\"}\n{broken " << kHostile << "\n";
    }
    // Runs a command and looks at all that it printed. `code` shows that it came as far as it should.
    void expectShown(const std::vector<std::string>& words, ExitCode code = ExitCode::Done)
    {
        m_out.str("");
        m_err.str("");
        Console console{m_out, m_err};
        console.utf8 = true;
        console.terminal = true;
        EXPECT_EQ(runCommandLine(words, console), toInt(code)) << testing::PrintToString(words) << m_err.str();
        EXPECT_FALSE((m_out.str() + m_err.str()).empty()) << testing::PrintToString(words);
        EXPECT_THAT(obeyed(m_out.str() + m_err.str()), testing::IsEmpty()) << m_out.str() << m_err.str();
    }

    test::TemporaryFolder m_folder;
    fs::path m_place = m_folder.path() / kHostile.substr(0, 4) / "\u202e";
    std::string m_w = m_place / "w";
    std::string m_data = m_place / "data.jsonl";
    std::string m_model = fs::path(test::goldenDir()) / "tokenizer" / "gpt2";
    std::vector<std::string> m_ids;
    std::ostringstream m_out;
    std::ostringstream m_err;
};

TEST_F(HostileText, OfRunsIsShown)
{
    const std::string& id = m_ids.front();
    for (const auto& command : std::vector<std::vector<std::string>>{{"runs"},
                                                                     {"runs", "--csv"},
                                                                     {"runs", "--columns", "name,note"},
                                                                     {"metrics", id, "--csv"},
                                                                     {"spaces", id, "--csv"},
                                                                     {"spaces", id, "--csv", "--points"},
                                                                     {"compare", "--csv", m_ids[0], m_ids[1]},
                                                                     {"edit", id, "--note", kHostile, "--json"},
                                                                     {"runs", "--json"},
                                                                     {"show", id},
                                                                     {"show", id, "--json"},
                                                                     {"show", id, "--config"},
                                                                     {"metrics", id},
                                                                     {"spaces", id},
                                                                     {"spaces", id, "--json"},
                                                                     {"compare", m_ids[0], m_ids[1]},
                                                                     {"compare", "--latex", m_ids[0], m_ids[1]},
                                                                     {"matrix", m_ids[0], m_ids[1]},
                                                                     {"matrix", "--latex", m_ids[0], m_ids[1]},
                                                                     {"matrix", "--csv", m_ids[0], m_ids[1]},
                                                                     {"matrix", "--json", m_ids[0], m_ids[1]},
                                                                     {"report"},
                                                                     {"queue", "list"},
                                                                     {"doctor", "--repair"},
                                                                     {"delete", id},
                                                                     {"runs", "--trash"},
                                                                     {"restore", id},
                                                                     {"init", m_place / "new"}}) {
        std::vector<std::string> words = command;
        if (command.front() != "init") {
            words.insert(words.end(), {"-w", m_w});
        }
        expectShown(words);
    }
    expectShown({"export", id, "--to", m_place / "out", "-w", m_w}, ExitCode::NotFound); // it has no checkpoint
    expectShown({"show", kHostile, "-w", m_w}, ExitCode::NotFound);
}

TEST_F(HostileText, IsInAPipeAsInAFile)
{
    Console console{m_out, m_err};
    EXPECT_EQ(runCommandLine({"spaces", m_ids[3], "--csv", "--points", "-w", m_w}, console), toInt(ExitCode::Done));
    EXPECT_THAT(m_out.str(), HasSubstr(kHostile));
}

TEST_F(HostileText, OfModelsAndPairsIsShown)
{
    const std::string model = m_place / ("m" + kHostile.substr(0, 4));
    fs::copy(fs::path(test::sourceDir()) / "resources" / "demo" / "student-llama", model, fs::copy_options::recursive);
    for (const auto& command : std::vector<std::vector<std::string>>{{"models", "add", model},
                                                                     {"models", "list"},
                                                                     {"models", "list", "--json"},
                                                                     {"data", "add", m_data},
                                                                     {"data", "list"},
                                                                     {"data", "list", "--json"},
                                                                     {"models", "forget", model},
                                                                     {"data", "forget", m_data}}) {
        std::vector<std::string> words = command;
        words.insert(words.end(), {"-w", m_w});
        expectShown(words);
    }
    const std::vector<std::string> pair{"pairs", "--data", m_data, "--teachers", model, "--students", model, "-w", m_w};
    for (const char* form : {"", "--csv", "--json", "--latex"}) {
        std::vector<std::string> words = pair;
        if (*form != '\0') {
            words.emplace_back(form);
        }
        expectShown(words);
    }
}

TEST_F(HostileText, OfDataAndConfigurationsIsShown)
{
    const std::string config = m_place / "config.json";
    std::ofstream(config)
        << R"({"version": 1, "name": "\u001b[2J \u202e", "student": {"model": "\u001b[2J"}, "method": {"objective": "sft"},)"
        << R"( "data": {"train": "\u202e.jsonl"}})";
    expectShown({"check", config}, ExitCode::Usage); // there is no such model
    expectShown({"check", config, "--json"}, ExitCode::Usage);
    expectShown({"sweep", config, "--seeds", "1,2", "--dry-run"}, ExitCode::Usage); // nothing can be called so
    expectShown({"run", config, "-w", m_w}, ExitCode::NotFound);
    expectShown({"align", "--teacher", m_model, "--student", m_model, "--data", m_data});
    expectShown({"tokenize", "-m", m_model, "--text", kHostile});
    expectShown({"tokenize", "-m", m_model, "--text", kHostile, "--json"});
    expectShown({"tokenize", "-m", m_model, "--jsonl", m_data, "--field", "output"});
    expectShown({"tokenize", "-m", m_model, "--jsonl", m_data, "--template", "alpaca"});
    expectShown({"tokenize", "-m", m_model, "--jsonl", m_data, "--template", "alpaca", "--json"});
    expectShown({kHostile}, ExitCode::Usage);
}

} // namespace
} // namespace dskd::cli
