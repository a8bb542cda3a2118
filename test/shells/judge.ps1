using namespace System.Management.Automation.Language

# Answers { texts: [{ name, text }], runs: [{ name, before, texts }] }, JSON on the standard input, with JSON:
# - errors: what PowerShell cannot read in each text. Guests have Windows PowerShell 5.1 and this is a later one: what only
#   a later one reads is an error too;
# - runs: what the texts of a run did, one after the other, to a registry, and what each printed. There is no registry here:
#   the cmdlets and the .NET class that reach it are stand-ins below, which take the parameters that Windows has and no
#   others. Reading, quoting, formatting, errors are PowerShell's own.
$ErrorActionPreference = 'Stop'

function Get-LaterSyntax([Ast] $Node) {
    if ($Node -is [PipelineChainAst]) { return "$($Node.Operator -eq 'AndAnd' ? '&&' : '||') between commands" }
    if ($Node -is [TernaryExpressionAst]) { return 'condition ? one : other' }
    if ($Node -is [PipelineAst] -and $Node.Background) { return 'a command in the background (&)' }
    if ($Node -is [BinaryExpressionAst] -and $Node.Operator -eq 'QuestionQuestion') { return '??' }
    if ($Node -is [AssignmentStatementAst] -and $Node.Operator -eq 'QuestionQuestionEquals') { return '??=' }
    if ($Node -is [MemberExpressionAst] -and $Node.NullConditional) { return '?.' }
    if ($Node -is [IndexExpressionAst] -and $Node.NullConditional) { return '?[]' }
    if ($Node -is [ScriptBlockAst] -and $Node.CleanBlock) { return 'a clean block' }
    $isText = $Node -is [ExpandableStringExpressionAst] -or $Node -is [StringConstantExpressionAst]
    $isExpanded = $isText -and $Node.StringConstantType -like 'DoubleQuoted*'
    if ($isExpanded -and $Node.Extent.Text -cmatch '(?<!`)(``)*`(u\{|e)') { return '`u{…} or `e in a text' }
}

function Get-Problem([string] $Text) {
    $tokens = $null
    $errors = $null
    $tree = [Parser]::ParseInput($Text, [ref] $tokens, [ref] $errors)
    foreach ($found in $errors) { "line $($found.Extent.StartLineNumber): $($found.Message)" }
    foreach ($node in $tree.FindAll({ $true }, $true)) {
        $later = Get-LaterSyntax $node
        if ($later) { "line $($node.Extent.StartLineNumber): Windows PowerShell 5.1 does not know $later" }
    }
    # A script file without a byte order mark is read in the code page of the machine: an accented letter may become a quote.
    $foreign = [regex]::Match($Text, '[^\x00-\x7f]')
    if ($foreign.Success) { "Windows PowerShell 5.1 may read another character for $($foreign.Value)" }
}

# The stand-in for the registry: values by name, by key (`SOFTWARE\goldbot`, below HKEY_LOCAL_MACHINE).
class StandInKey {
    static [hashtable] $Registry
    [string] $Path
    static [string] Of([string] $Path) { return $Path -replace '^HKLM:\\', '' }
    static [object] OpenBaseKey([Microsoft.Win32.RegistryHive] $Hive, [Microsoft.Win32.RegistryView] $View) {
        if ($Hive -ne 'LocalMachine' -or $View -ne 'Registry64') { throw "another registry: $Hive $View" }
        return [StandInKey]::new()
    }
    [object] OpenSubKey([string] $Name) {
        $at = if ($this.Path) { "$($this.Path)\$Name" } else { $Name }
        if (-not [StandInKey]::Registry.ContainsKey($at)) { return $null }
        return [StandInKey] @{ Path = $at }
    }
    [object] GetValue([string] $Name) { return [StandInKey]::Registry[$this.Path][$Name] }
}
$accelerators = [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')
$accelerators::Add('Microsoft.Win32.RegistryKey', [StandInKey])

function New-Item {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Path, [switch] $Force)
    $at = [StandInKey]::Of($Path)
    if (-not $Force -and [StandInKey]::Registry.ContainsKey($at)) { Write-Error "A key in this path already exists." }
    # With -Force, Windows makes the key anew: its values and the keys below it are gone.
    foreach ($key in @([StandInKey]::Registry.Keys)) { if ($key -like "$at\*") { [StandInKey]::Registry.Remove($key) } }
    [StandInKey]::Registry[$at] = @{}
    [pscustomobject] @{ Name = $at }
}

function Set-ItemProperty {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Path, [Parameter(Mandatory)] [string] $Name, $Value, [string] $Type)
    $at = [StandInKey]::Of($Path)
    if (-not [StandInKey]::Registry.ContainsKey($at)) { Write-Error "Cannot find path '$Path' because it does not exist." }
    [StandInKey]::Registry[$at][$Name] = $Value
}

function Get-CimInstance {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $ClassName)
    if ($ClassName -ne 'Win32_OperatingSystem') { Write-Error "Invalid class: $ClassName" }
    [pscustomobject] @{ Caption = 'Microsoft Windows Server 2022 Datacenter Azure Edition '; Version = '10.0.20348' }
}

function Invoke-Run($Run) {
    [StandInKey]::Registry = @{}
    foreach ($key in $Run.before.psobject.Properties) {
        [StandInKey]::Registry[$key.Name] = @{}
        foreach ($value in $key.Value.psobject.Properties) { [StandInKey]::Registry[$key.Name][$value.Name] = $value.Value }
    }
    $printed = foreach ($text in $Run.texts) {
        $lines = try { & ([scriptblock]::Create($text)) 2>&1 } catch { $_ }
        @{
            lines = @($lines | Where-Object { $_ -isnot [System.Management.Automation.ErrorRecord] } | ForEach-Object { "$_" })
            errors = @($lines | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object { "$_" })
        }
    }
    @{ name = $Run.name; registry = [StandInKey]::Registry; printed = @($printed) }
}

$question = [Console]::In.ReadToEnd() | ConvertFrom-Json
$answer = @{
    errors = @(foreach ($text in $question.texts) { foreach ($problem in Get-Problem $text.text) { "$($text.name): $problem" } })
    runs = @(foreach ($run in $question.runs) { Invoke-Run $run })
}
ConvertTo-Json -InputObject $answer -Depth 6 -Compress
