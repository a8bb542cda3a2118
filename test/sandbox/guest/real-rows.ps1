# Runs scripts ([text] as JSON on the standard input), each in a PowerShell of its own as `powershell -File` would, and says
# what each printed and ended with: [{ out, code }].
$ErrorActionPreference = 'Stop'
$folder = New-Item -ItemType Directory -Path ([System.IO.Path]::GetTempPath()) -Name "goldbot-rows-$([guid]::NewGuid())"
try {
    $answers = foreach ($text in [Console]::In.ReadToEnd() | ConvertFrom-Json) {
        $file = Join-Path $folder 'row.ps1'
        Set-Content -LiteralPath $file -Value $text -NoNewline
        $bad = $null
        $null = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref] $null, [ref] $bad)
        $code = 1
        $out = ''
        if ($bad.Count -eq 0) {
            $shell = [powershell]::Create()
            $null = $shell.AddScript("`$global:LASTEXITCODE = 0; & '$file' | Out-String -Width 400; `$global:LASTEXITCODE")
            try {
                $all = @($shell.Invoke())
                $code = $all[-1]
                $out = $all[0..([Math]::Max(0, $all.Count - 2))] -join ''
            } catch { $code = 1 }
            $shell.Dispose()
        }
        @{ out = "$out"; code = $code }
    }
    ConvertTo-Json -InputObject @($answers) -Compress
} finally {
    Remove-Item -LiteralPath $folder -Recurse -Force
}
