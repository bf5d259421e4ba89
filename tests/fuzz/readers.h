#pragma once

// The readers behind the targets of target.cpp and what their searches begin with. Names of files in `=== NAME` lines:
// see input_folder.h.

#include <string>
#include <string_view>
#include <vector>

namespace dskd::fuzz
{

void readSafetensors(std::string_view file);
std::vector<std::string> safetensorsSeeds();
void readConfig(std::string_view json); // of a model
std::vector<std::string> configSeeds();
void readAdapter(std::string_view json);
std::vector<std::string> adapterSeeds();
void readShardIndex(std::string_view json);
std::vector<std::string> shardIndexSeeds();

void readTokenizerFolder(std::string_view files); // tokenizer.json and its side files
std::vector<std::string> tokenizerSeeds();
void readVocabAndMerges(std::string_view files);
std::vector<std::string> mergesSeeds();
void readSentencePiece(std::string_view files);
std::vector<std::string> sentencePieceSeeds();
void readChatTemplate(std::string_view jinja);
std::vector<std::string> chatTemplateSeeds();

void readRecordLines(std::string_view jsonl);
std::vector<std::string> recordSeeds();
void readExperiment(std::string_view json);
std::vector<std::string> experimentSeeds();
void readExperimentFile(std::string_view json); // one that is imported
std::vector<std::string> experimentFileSeeds();

void readRunDatabase(std::string_view changes); // four bytes each: a place in a whole run.db, and its new value
std::vector<std::string> runDatabaseSeeds();
void readSeriesFile(std::string_view bytes); // a block of three points, or a directory
std::vector<std::string> seriesFileSeeds();

} // namespace dskd::fuzz
