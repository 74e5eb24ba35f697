# frozen_string_literal: true

# What the drivers written in Ruby share. Both send by net/smtp in the end, so that its exceptions are reported here.
# The contract of a driver stands in mail_client.py.
require "json"
require "net/smtp"
require "optparse"
require "securerandom"
require "time"
require "timeout"

module MailClient
  TIME_LIMIT = 60
  CLIENT_TIME_OUT = Integer(ENV.fetch("MALAPOSTA_CLIENT_TIME_OUT", "40"))
  NOT_INSTALLED = 3

  Wanted = Struct.new(:host, :port, :from, :to, :body_size)

  # What TIME_LIMIT raises: none of the exceptions that a client catches.
  class OutOfTime < Exception; end # rubocop:disable Lint/InheritException

  module_function

  def arguments
    body_size = 200
    options = OptionParser.new do |parser|
      parser.banner = "usage: #{$PROGRAM_NAME} HOST PORT FROM TO [--body-size BYTES]"
      parser.on("--body-size BYTES", Integer) { |bytes| body_size = bytes }
    end
    host, port, from, to = options.parse(ARGV)
    abort options.banner unless to
    Wanted.new(host, Integer(port), from, to, body_size)
  end

  def body(wanted)
    line = "This line is one of many which together have the wanted size.\n"
    line * (wanted.body_size / line.size + 1)
  end

  def message(wanted)
    <<~HEADER + body(wanted)
      From: #{wanted.from}
      To: #{wanted.to}
      Subject: A message from a real client
      Date: #{Time.now.rfc2822}
      Message-ID: <#{SecureRandom.uuid}@client.example.test>

    HEADER
  end

  def not_installed(client)
    warn "#{client} is not installed"
    exit NOT_INSTALLED
  end

  def report(outcome, code, told)
    puts JSON.generate(outcome: outcome, code: code, told: told.strip)
  end

  # The reply stands at the head of the exception's message.
  def refused(error)
    code = error.message[/\A\d{3}/]&.to_i
    outcome = { 4 => "temporary", 5 => "permanent" }.fetch((code || 0) / 100, "error")
    report(outcome, code, "#{error.class}: #{error.message}")
  end

  def report_of(&send)
    Timeout.timeout(TIME_LIMIT, OutOfTime, &send)
    report("delivered", nil, "")
  rescue Net::ProtocolError => error
    refused(error)
  rescue OutOfTime
    report("timeout", nil, "still waiting")
  rescue Errno::ECONNREFUSED => error
    report("connect-failed", nil, error.message)
  rescue Timeout::Error, Errno::ETIMEDOUT => error
    report("timeout", nil, "#{error.class}: #{error.message}")
  rescue StandardError => error
    report("error", nil, "#{error.class}: #{error.message}")
  end
end
