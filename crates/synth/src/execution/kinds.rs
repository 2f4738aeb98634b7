//! What is made with each feature, and the actions on it.

use blueprint::{Feature, Team};

/// A kind of resource that has an owner.
pub(super) struct Kind {
    /// Who needs it; none for what has a switch of its own.
    features: &'static [Feature],
    /// What its ARN begins with, behind the account.
    pub(super) resource: &'static str,
    /// The actions that make one, by tagged creation.
    pub(super) create: &'static [&'static str],
    /// The actions on one's own.
    pub(super) own: &'static [&'static str],
    /// The listing that knows no owner.
    pub(super) list: Option<&'static str>,
    /// What else the creation looks at.
    pub(super) shape: Shape,
}

/// What the creation of a kind looks at beside the tags.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing.
    Plain,
    /// It reads files, perhaps from a file system.
    Files,
    /// Its name begins with the owner's, so that others can tell from a model's ARN whose it is.
    Named,
    /// It uses a model.
    OfModel,
    /// It uses an endpoint configuration.
    OfConfig,
}

const KINDS: &[Kind] = &[
    Kind {
        features: &[Feature::Training],
        resource: "training-job",
        create: &["CreateTrainingJob"],
        own: &[
            "DeleteTrainingJob",
            "DescribeTrainingJob",
            "StopTrainingJob",
            "UpdateTrainingJob",
        ],
        list: Some("ListTrainingJobs"),
        shape: Shape::Files,
    },
    Kind {
        features: &[Feature::Training],
        resource: "hyper-parameter-tuning-job",
        create: &["CreateHyperParameterTuningJob"],
        own: &[
            "DeleteHyperParameterTuningJob",
            "DescribeHyperParameterTuningJob",
            "ListTrainingJobsForHyperParameterTuningJob",
            "StopHyperParameterTuningJob",
        ],
        list: Some("ListHyperParameterTuningJobs"),
        shape: Shape::Files,
    },
    Kind {
        features: &[Feature::Processing],
        resource: "processing-job",
        create: &["CreateProcessingJob"],
        own: &[
            "DeleteProcessingJob",
            "DescribeProcessingJob",
            "StopProcessingJob",
        ],
        list: Some("ListProcessingJobs"),
        shape: Shape::Plain,
    },
    Kind {
        features: &[Feature::Pipelines],
        resource: "pipeline",
        create: &["CreatePipeline"],
        own: &[
            "DeletePipeline",
            "DescribePipeline",
            "DescribePipelineDefinitionForExecution",
            "DescribePipelineExecution",
            "ListPipelineExecutionSteps",
            "ListPipelineExecutions",
            "ListPipelineParametersForExecution",
            "RetryPipelineExecution",
            "StartPipelineExecution",
            "StopPipelineExecution",
            "UpdatePipeline",
            "UpdatePipelineExecution",
        ],
        list: Some("ListPipelines"),
        shape: Shape::Plain,
    },
    Kind {
        features: &[Feature::Inference, Feature::BatchTransform],
        resource: "model",
        create: &["CreateModel"],
        own: &["DeleteModel", "DescribeModel"],
        list: Some("ListModels"),
        shape: Shape::Named,
    },
    Kind {
        features: &[Feature::Inference],
        resource: "endpoint-config",
        create: &["CreateEndpointConfig"],
        own: &["DeleteEndpointConfig", "DescribeEndpointConfig"],
        list: Some("ListEndpointConfigs"),
        shape: Shape::OfModel,
    },
    Kind {
        features: &[Feature::Inference],
        resource: "endpoint",
        create: &["CreateEndpoint"],
        own: &[
            "DeleteEndpoint",
            "DescribeEndpoint",
            "InvokeEndpoint",
            "InvokeEndpointAsync",
            "InvokeEndpointWithResponseStream",
            "UpdateEndpoint",
            "UpdateEndpointWeightsAndCapacities",
        ],
        list: Some("ListEndpoints"),
        shape: Shape::OfConfig,
    },
    Kind {
        features: &[Feature::BatchTransform],
        resource: "transform-job",
        create: &["CreateTransformJob"],
        own: &["DescribeTransformJob", "StopTransformJob"],
        list: Some("ListTransformJobs"),
        shape: Shape::OfModel,
    },
    Kind {
        features: &[Feature::Images],
        resource: "image",
        create: &["CreateImage"],
        own: &[
            "CreateImageVersion",
            "DeleteImage",
            "DescribeImage",
            "UpdateImage",
        ],
        list: Some("ListImages"),
        shape: Shape::Plain,
    },
    Kind {
        features: &[Feature::Marketplace],
        resource: "algorithm",
        create: &["CreateAlgorithm"],
        own: &["DeleteAlgorithm", "DescribeAlgorithm"],
        list: Some("ListAlgorithms"),
        shape: Shape::Plain,
    },
    Kind {
        features: &[Feature::Marketplace],
        resource: "model-package",
        create: &["CreateModelPackage"],
        // What lists them can be on one's own alone.
        own: &[
            "DeleteModelPackage",
            "DescribeModelPackage",
            "ListModelPackages",
        ],
        list: None,
        shape: Shape::Plain,
    },
    Kind {
        features: &[Feature::Neo],
        resource: "compilation-job",
        create: &["CreateCompilationJob"],
        own: &[
            "DeleteCompilationJob",
            "DescribeCompilationJob",
            "StopCompilationJob",
        ],
        list: Some("ListCompilationJobs"),
        shape: Shape::Plain,
    },
    Kind {
        features: &[Feature::EdgeManager],
        resource: "edge-packaging-job",
        create: &["CreateEdgePackagingJob"],
        own: &["DescribeEdgePackagingJob", "StopEdgePackagingJob"],
        list: Some("ListEdgePackagingJobs"),
        shape: Shape::Plain,
    },
    Kind {
        features: &[],
        resource: "feature-group",
        create: &["CreateFeatureGroup"],
        own: &[
            "BatchGetRecord",
            "DeleteFeatureGroup",
            "DeleteRecord",
            "DescribeFeatureGroup",
            "DescribeFeatureMetadata",
            "GetRecord",
            "PutRecord",
            "UpdateFeatureGroup",
            "UpdateFeatureMetadata",
        ],
        list: Some("ListFeatureGroups"),
        shape: Shape::Plain,
    },
];

/// What a team makes.
pub(super) fn of(team: &Team) -> impl Iterator<Item = &'static Kind> + Clone {
    let features = team.features.clone();
    let feature_store = team.feature_store;
    KINDS.iter().filter(move |kind| {
        kind.features
            .iter()
            .any(|feature| features.contains(feature))
            || (kind.features.is_empty() && feature_store)
    })
}
