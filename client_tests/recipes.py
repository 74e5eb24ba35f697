"""The test frameworks that pages have recipes for: a table for recipes_test, which runs them, and for readme_test, which leaves them to it."""

from typing import NamedTuple

from pages import JARS


class Framework(NamedTuple):
    language: str  # of the blocks
    files: str  # a pattern for the names of the blocks' files
    command: str
    pages: dict[str, dict[str, str]]  # with the helper's files: where they come from, and where they go


CI = "docs/ci.md"
JEST, NODE = "node_modules/.bin/jest --ci --rootDir .", "clients/node/README.md"
PACKAGE = {"clients/node/malaposta.js": "node_modules/malaposta/malaposta.js", "clients/node/package.json": "node_modules/malaposta/package.json"}
FRAMEWORKS = {
    "pytest": Framework("python", r".*\.py", "pytest-3 -q -p no:cacheprovider", {CI: {}, "clients/python/README.md": {
        f"clients/python/{name}.py": f"{name}.py" for name in ("malaposta", "pytest_malaposta")}}),
    "jest": Framework("js", r".*\.test\.js", JEST, {CI: {}, NODE: PACKAGE}),
    "vitest": Framework("js", r".*\.test\.mjs", "node_modules/.bin/vitest run --root .", {NODE: PACKAGE}),
    "node-test": Framework("js", r"invoice\.mjs", "node --test invoice.mjs", {NODE: PACKAGE}),
    "junit": Framework("java", r".*\.java", f"javac -cp {JARS}:. -d . $(find . -name '*.java') && java -cp {JARS}:. "
                       "org.junit.platform.console.ConsoleLauncher --disable-ansi-colors --select-class InvoiceTest",
                       {CI: {}, "clients/java/README.md": {f"clients/java/{name}.java": f"malaposta/{name}.java" for name in ("Malaposta", "Json")}}),
    "phpunit": Framework("php", r".*\.php", "phpunit --do-not-cache-result InvoiceTest.php",
                         {CI: {}, "clients/php/README.md": {"clients/php/Malaposta.php": "Malaposta.php"}}),
    "go": Framework("go", r".*\.go", "go mod init mailer 2> /dev/null; go test -count=1 .",
                    {CI: {}, "clients/go/README.md": {"clients/go/malaposta.go": "malaposta/malaposta.go"}}),
}
