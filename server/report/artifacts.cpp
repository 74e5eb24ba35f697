// A folder for each scenario with all there is of it.
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "report/report.hpp"

namespace malaposta::report {

namespace {

void write(const std::filesystem::path& file, std::string_view content) {
  std::ofstream out(file, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) throw std::runtime_error(file.string() + ": the file cannot be written");
}

}  // namespace

void write_artifacts(const std::string& folder, const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    const std::filesystem::path here = std::filesystem::path(folder) / entry.name;
    std::error_code error;
    std::filesystem::create_directories(here / "messages", error);
    if (error) throw std::runtime_error(here.string() + ": " + error.message());
    write(here / "transcript.txt", transcript(entry.evidence));
    write(here / "events.ndjson", events_ndjson(entry.evidence));
    write(here / "verdict.json", verdict_json(entry));
    write(here / "client.stdout", entry.client ? entry.client->output : std::string{});
    write(here / "client.stderr", entry.client ? entry.client->errors : std::string{});
    std::size_t number = 0;
    for (const verify::MessageRecord& message : entry.evidence.messages)
      if (message.captured) write(here / "messages" / (std::to_string(++number) + ".eml"), message.content);
  }
}

}  // namespace malaposta::report
