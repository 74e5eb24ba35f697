// See grammar.hpp. Every function walks its view once and never looks past its end.
#include "protocol/grammar.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "protocol/command.hpp"

namespace malaposta::protocol::grammar {
namespace {

// Whether inet_pton knows `text` as an address of that family. It wants a C string, so the view is copied to the stack.
bool is_ip_address(int family, std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return false;
  std::ranges::copy(text, copy.begin());
  return ::inet_pton(family, copy.data(), address.data()) == 1;
}

Fit label(std::string_view text) {
  if (text.empty()) return Fit::wrong;
  bool letters = true;
  for (const char c : text) {
    if (!is_atom_character(c)) return Fit::wrong;
    letters = letters && contains(kLabelCharacters, c);
  }
  const bool hyphen_outside = text.front() == '-' || text.back() == '-';
  return letters && !hyphen_outside && text.size() <= kLabelLimit ? Fit::exact : Fit::odd;
}

bool is_dot_string(std::string_view text) {
  bool atom_open = false;
  for (const char c : text) {
    if (c == '.' && !atom_open) return false;
    if (c != '.' && !is_atom_character(c)) return false;
    atom_open = c != '.';
  }
  return atom_open;
}

}  // namespace

Fit domain(std::string_view text) {
  const bool may_be_ip = !text.empty() && is_digit(text.back());
  Fit fit = may_be_ip && is_ip_address(AF_INET, text) ? Fit::odd : Fit::exact;
  if (text.ends_with('.')) {
    fit = Fit::odd;
    text.remove_suffix(1);
  }
  while (true) {
    const auto dot = text.find('.');
    fit = std::max(fit, label(text.substr(0, dot)));
    if (dot == std::string_view::npos) return fit;
    text.remove_prefix(dot + 1);
  }
}

std::size_t quoted_string_length(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\' && (++i == text.size() || is_eight_bit(text[i]))) return 0;
    if (is_control(text[i])) return 0;
  }
  return 0;
}

Fit local_part(std::string_view text) {
  if (text.empty()) return Fit::wrong;
  if (is_dot_string(text) || quoted_string_length(text) == text.size()) return Fit::exact;
  while (!text.empty()) {
    std::size_t step = 1;
    if (text.front() == '"') step = quoted_string_length(text);
    if (step == 0 || is_blank(text.front()) || is_control(text.front())) return Fit::wrong;
    if (text.front() == '<' || text.front() == '>' || text.front() == '@') return Fit::wrong;
    text.remove_prefix(step);
  }
  return Fit::odd;
}

bool address_literal(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('[') || !text.ends_with(']')) return false;
  text = text.substr(1, text.size() - 2);
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return is_ip_address(AF_INET, text);
  const auto tag = text.substr(0, colon);
  const auto content = text.substr(colon + 1);
  if (equals_ignoring_case(tag, "IPv6")) return is_ip_address(AF_INET6, content);
  const auto is_tag = [](char c) { return is_alphanumeric(c) || c == '-'; };
  const auto is_content = [](char c) { return c > 32 && c < 127 && c != '[' && c != '\\' && c != ']'; };
  return !tag.empty() && tag.back() != '-' && std::ranges::all_of(tag, is_tag) && !content.empty() &&
         std::ranges::all_of(content, is_content);
}

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (length == 0 || length > text.size() - i) return false;
    for (std::size_t k = 1; k < length; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    // Longer forms than needed, surrogates, and what lies beyond U+10FFFF show in the second octet.
    const auto second = length > 2 ? static_cast<unsigned char>(text[i + 1]) : 0u;
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return false;
    if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return false;
    i += length;
  }
  return true;
}

}  // namespace malaposta::protocol::grammar
