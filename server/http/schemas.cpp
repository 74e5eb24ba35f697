#include "http/schemas.hpp"

namespace malaposta::http {

namespace {

constexpr Schema kSchemas[] = {
    {"Error", R"({"type": "object", "required": ["error"], "additionalProperties": false,
      "properties": {"error": {"type": "string", "description": "What is wrong, and the way out"}}})"},
    {"Status", R"({"type": "object", "required": ["status"], "additionalProperties": false,
      "properties": {"status": {"type": "string", "enum": ["ok", "ready"]}}})"},
    {"OpenApi", R"({"type": "object", "required": ["openapi", "info", "paths"]})"},
    {"Listener", R"({"type": "object", "required": ["Kind", "Scenario", "Address", "Port", "TLS", "Listen"], "additionalProperties": false,
      "properties": {"Kind": {"const": "smtp"}, "Scenario": {"type": "string"}, "Address": {"type": "string"},
        "Port": {"type": "integer", "minimum": 1, "maximum": 65535},
        "TLS": {"enum": ["none", "starttls", "required", "implicit"]}, "Listen": {"enum": ["accept", "refuse", "ignore"]}}})"},
    {"Info", R"({"type": "object", "required": ["Version", "Database", "DatabaseSize", "Messages", "Sessions", "RuntimeStats", "Listeners"],
      "additionalProperties": false,
      "properties": {"Version": {"type": "string"}, "Database": {"type": "string"},
        "DatabaseSize": {"type": "integer", "description": "Bytes of messages kept and under way"},
        "Messages": {"type": "integer"}, "Sessions": {"type": "integer"},
        "RuntimeStats": {"type": "object", "required": ["Uptime", "Memory", "MessagesDeleted"], "additionalProperties": false,
          "properties": {"Uptime": {"type": "integer", "description": "Seconds"},
            "Memory": {"type": "integer", "description": "Bytes that are resident"},
            "MessagesDeleted": {"type": "integer", "description": "Messages that gave way to the limits"}}},
        "Listeners": {"type": "array", "items": {"$ref": "#/components/schemas/Listener"}}}})"},
    {"ProviderReply", R"({"type": "object", "required": ["provider", "rule", "code", "reply", "trigger"], "additionalProperties": false,
      "properties": {"provider": {"type": "string"}, "rule": {"type": "string"}, "code": {"type": "integer"},
        "reply": {"type": "array", "items": {"type": "string"}}, "trigger": {"type": "string"}}})"},
    {"Code", R"({"type": "object", "additionalProperties": false,
      "required": ["code", "class", "origin", "stages", "enhanced", "closes", "text", "meaning", "advice", "client", "trigger", "scenario",
        "providers"],
      "properties": {"code": {"type": "integer"}, "class": {"enum": ["transport", "success", "intermediate", "transient", "permanent"]},
        "origin": {"type": "string"}, "stages": {"type": "array", "items": {"type": "string"}}, "enhanced": {"type": "string"},
        "closes": {"enum": ["no", "fin", "reset"]}, "text": {"type": "string"}, "meaning": {"type": "string"},
        "advice": {"type": "string"}, "client": {"type": "string"}, "trigger": {"type": "string"}, "scenario": {"type": "string"},
        "providers": {"type": "array", "items": {"$ref": "#/components/schemas/ProviderReply"}}}})"},
    {"Codes", R"({"type": "array", "items": {"$ref": "#/components/schemas/Code"}})"},
    {"Session",
     R"({"type": "object", "required": ["id", "peer", "local_port", "scenario", "opened", "closed", "seconds", "end", "commands", "accepted", "last_code"],
      "properties": {"id": {"type": "integer"}, "peer": {"type": "string"}, "local_port": {"type": "integer"},
        "scenario": {"type": "string"}, "opened": {"type": "string", "format": "date-time"},
        "closed": {"type": ["string", "null"], "format": "date-time"}, "seconds": {"type": ["number", "null"]},
        "end": {"type": "string"}, "commands": {"type": "integer"}, "accepted": {"type": "integer"}, "last_code": {"type": "integer"}}})"},
    {"Sessions", R"({"type": "object", "required": ["total", "start", "sessions"], "additionalProperties": false,
      "properties": {"total": {"type": "integer"}, "start": {"type": "integer"},
        "sessions": {"type": "array", "items": {"$ref": "#/components/schemas/Session", "unevaluatedProperties": false}}}})"},
    {"Event", R"({"type": "object", "required": ["seconds", "kind", "code", "number", "text"], "additionalProperties": false,
      "properties": {"seconds": {"type": "number", "description": "Since the session began"}, "kind": {"type": "string"},
        "code": {"type": "integer"}, "number": {"type": "integer"}, "text": {"type": "string"}}})"},
    {"SessionWithEvents", R"({"allOf": [{"$ref": "#/components/schemas/Session"}], "required": ["complete", "events"],
      "unevaluatedProperties": false,
      "properties": {"complete": {"type": "boolean", "description": "False where events gave way to the limits of memory"},
        "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}}})"},
    {"Diagnostic", R"({"type": "object", "required": ["severity", "file", "line", "column", "message", "hint", "text"],
      "additionalProperties": false,
      "properties": {"severity": {"enum": ["error", "warning"]}, "file": {"type": "string"}, "line": {"type": "integer"},
        "column": {"type": "integer"}, "message": {"type": "string"}, "hint": {"type": "string"},
        "text": {"type": "string", "description": "As the command line prints it"}}})"},
    {"Checked", R"({"type": "object", "required": ["valid", "scenarios", "diagnostics"], "additionalProperties": false,
      "properties": {"valid": {"type": "boolean"}, "scenarios": {"type": "array", "items": {"type": "string"}},
        "diagnostics": {"type": "array", "items": {"$ref": "#/components/schemas/Diagnostic"}}}})"},
};

}  // namespace

std::span<const Schema> schemas() { return kSchemas; }

}  // namespace malaposta::http
