#!/bin/bash
# Sets up Cloud Run with its identities: scripts/deploy/cloudrun.sh PROJECT REGION HOST FILESTORE CALLERS
# CALLERS is who may reach the service at all, such as group:associates@firm.example; their key or token says what they may see.
# A Muniment key goes into X-API-Key here, since Google takes the Authorization header for itself.
set -euo pipefail
if [[ $# -ne 5 ]]; then
    echo "usage: $0 PROJECT REGION HOST FILESTORE CALLERS" >&2
    exit 2
fi
project=$1 region=$2 host=$3 filestore=$4 callers=$5
here=$(cd "$(dirname "$0")" && pwd)
server=muniment-server@$project.iam.gserviceaccount.com
gcloud config set project "$project"
gcloud services enable run.googleapis.com artifactregistry.googleapis.com
gcloud iam service-accounts describe "$server" >/dev/null 2>&1 ||
    gcloud iam service-accounts create muniment-server --display-name "Muniment's server"
# It reads backups, and may do nothing else in the project.
gcloud storage buckets describe "gs://$project-muniment-backups" >/dev/null 2>&1 ||
    gcloud storage buckets create "gs://$project-muniment-backups" --location "$region" --uniform-bucket-level-access
gcloud storage buckets add-iam-policy-binding "gs://$project-muniment-backups" \
    --member "serviceAccount:$server" --role roles/storage.objectViewer
sed -e "s/PROJECT/$project/g; s/REGION/$region/g; s/HOST/$host/g; s/FILESTORE/$filestore/g" "$here/cloudrun.yaml" |
    gcloud run services replace - --region "$region"
gcloud run services add-iam-policy-binding muniment --region "$region" --member "$callers" --role roles/run.invoker
