#!/bin/sh
# Gives goldbot's identity the one permission that it needs of Microsoft Graph: to read who is in a group. Shows what is
# there and what would change; changes nothing without --yes. Running it again is safe.
#
# Needs the Azure CLI, signed in as somebody who may consent for the tenant (Privileged Role Administrator).
set -eu

# GET /groups/{id}/transitiveMembers: goldbot reads nothing else, and no profiles of people.
wanted='GroupMember.Read.All'
graph_app='00000003-0000-0000-c000-000000000000'

usage() {
  cat <<'TEXT'
Usage: deploy/graph.sh <object id of goldbot's identity> [--yes]

The object id is its "Object (principal) ID" in the portal, or:
  az identity show --ids "$(azd env get-value GOLDBOT_IDENTITY_ID)" --query principalId -o tsv
TEXT
}

stop() {
  echo "$1" >&2
  exit 1
}

identity='' yes=no
for argument in "$@"; do
  case "$argument" in
    --yes) yes=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*) stop "There is no option $argument. See: deploy/graph.sh --help" ;;
    *) identity="$argument" ;;
  esac
done
case "$identity" in
  ????????-????-????-????-????????????) ;;
  '') usage >&2 && exit 1 ;;
  *) stop "“$identity” is not an object id, which is a GUID. See: deploy/graph.sh --help" ;;
esac

graph=$(az cloud show --query endpoints.microsoftGraphResourceId -o tsv) || stop 'The Azure CLI does not answer: install it, or run az login.'
graph="${graph%/}/v1.0"

ask() {
  az rest --method get --url "$graph/$1" --query "$2" -o tsv
}

name=$(ask "servicePrincipals/$identity?\$select=displayName" displayName) ||
  stop "This tenant has no identity with the object id $identity. Take the principal id, not the client id; az account show says which tenant you are in."
resource=$(ask "servicePrincipals?\$filter=appId%20eq%20'$graph_app'&\$select=id" 'value[0].id')
role=$(ask "servicePrincipals/$resource?\$select=appRoles" "appRoles[?value=='$wanted' && isEnabled].id | [0]")
[ -n "$role" ] || stop "Microsoft Graph offers no permission $wanted in this cloud."
held=$(ask "servicePrincipals/$identity/appRoleAssignments" "value[?resourceId=='$resource'].appRoleId")

echo "Tenant:   $(az account show --query tenantId -o tsv)"
echo "Identity: $name ($identity)"
missing=yes
for one in $held; do
  if [ "$one" = "$role" ]; then
    missing=no
    echo "Has:      $wanted"
  else
    other=$(ask "servicePrincipals/$resource?\$select=appRoles" "appRoles[?id=='$one'].value | [0]")
    echo "Has:      ${other:-$one}, which goldbot does not use; take it away unless something else does."
  fi
done

if [ "$missing" = no ]; then
  echo 'Nothing to do.'
  exit 0
fi
echo "Would get: $wanted (application permission of Microsoft Graph)"
if [ "$yes" = no ]; then
  echo 'Nothing was changed. To give it: the same command with --yes.'
  exit 0
fi

az rest --method post --url "$graph/servicePrincipals/$identity/appRoleAssignments" \
  --headers 'Content-Type=application/json' \
  --body "{\"principalId\":\"$identity\",\"resourceId\":\"$resource\",\"appRoleId\":\"$role\"}" \
  --output none || stop 'Microsoft Graph refused. Consent for a tenant takes a Privileged Role Administrator.'
case " $(ask "servicePrincipals/$identity/appRoleAssignments" "value[?resourceId=='$resource'].appRoleId" | tr '\n' ' ') " in
  *" $role "*) echo "Given. goldbot can read groups within some minutes; restart it if it still cannot after an hour." ;;
  *) stop 'Microsoft Graph took it, and does not show it yet. Run the command again in a minute.' ;;
esac
