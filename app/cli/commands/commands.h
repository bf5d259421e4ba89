#pragma once

// Every command: the functions that add it to the command line. Each lies in the file of its name;
// two that do nearly the same share one.

namespace dskd::cli
{

class CommandLine;

// Starting and stopping
void addInit(CommandLine& line);
void addRun(CommandLine& line);
void addAttach(CommandLine& line);
void addResume(CommandLine& line);
void addStop(CommandLine& line);
void addCheckpoint(CommandLine& line);
void addQueue(CommandLine& line);
void addSweep(CommandLine& line);
void addExperiment(CommandLine& line);

// Results
void addRuns(CommandLine& line);
void addShow(CommandLine& line);
void addMetrics(CommandLine& line);
void addSpaces(CommandLine& line);
void addSamples(CommandLine& line);
void addCompare(CommandLine& line);
void addMatrix(CommandLine& line);
void addReport(CommandLine& line);
void addExport(CommandLine& line);
void addEdit(CommandLine& line);
void addDeleteAndRestore(CommandLine& line);

// Trained models
void addEvalAndGenerate(CommandLine& line);
void addAsk(CommandLine& line);
void addDemo(CommandLine& line);

// Without a run
void addCheck(CommandLine& line);
void addConfig(CommandLine& line);
void addMethods(CommandLine& line);
void addDoctor(CommandLine& line);
void addTensorBoard(CommandLine& line);
void addTokenize(CommandLine& line);
void addAlign(CommandLine& line);
void addModelsAndData(CommandLine& line);
void addPairs(CommandLine& line);
void addCache(CommandLine& line);
void addBench(CommandLine& line);

} // namespace dskd::cli
