/// @file
/// What is thrown: only what the program, or the machine that it starts on, got wrong. What a mail client does never throws.
#pragma once

#include <malaposta/export.hpp>
#include <stdexcept>

namespace malaposta {

/// The base of all that the library throws; what() is for people.
class MALAPOSTA_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~Error() override;
};

/// A scenario, an armed fault or an expectation cannot be read. what() tells every problem with its place and the way out, as
/// `malaposta check` prints it.
class MALAPOSTA_API ScenarioError : public Error {
 public:
  using Error::Error;
  ~ScenarioError() override;
};

/// A server cannot be started: its port is taken, or a certificate cannot be used. what() names the port, and who holds it where that
/// can be found out.
class MALAPOSTA_API StartError : public Error {
 public:
  using Error::Error;
  ~StartError() override;
};

}  // namespace malaposta
