#include "cli/commands.hpp"

#include <algorithm>
#include <array>

namespace malaposta::cli {

std::span<const Command* const> commands() {
  static constexpr std::array kCommands{
      &check_command, &codes_command,  &completion_command, &man_command,     &readyz_command,
      &run_command,   &schema_command, &serve_command,      &version_command,
  };
  return kCommands;
}

std::vector<OptionText> option_texts(const Command& command) {
  std::vector<OptionText> texts;
  const boost::program_options::options_description options = command.options();
  for (const auto& option : options.options()) {
    OptionText text{option->long_name(), {}, {}, option->description()};
    // "N (=10000)", "[=BASE(=20000)]": the value's name, and in brackets what stands for it.
    std::string form = option->format_parameter();
    if (form.starts_with("[=")) form = "[=" + form.substr(2, form.find('(') - 2) + "]";
    const std::size_t standard = form.find(" (=");
    if (standard != std::string::npos) {
      text.standard = form.substr(standard + 3, form.size() - standard - 4);
      form.resize(standard);
    }
    if (option->semantic()->max_tokens() != 0) text.value = form;
    texts.push_back(std::move(text));
  }
  texts.push_back({"help", {}, {}, "print options and exit codes"});
  return texts;
}

std::vector<std::string> words_of(const std::string& value) {
  std::vector<std::string> words;
  if (value.find('|') == std::string::npos) return words;
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find('|', begin), value.size());
    std::string word = value.substr(begin, end - begin);
    if (std::none_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) words.push_back(std::move(word));
    begin = end + 1;
  }
  return words;
}

}  // namespace malaposta::cli
